import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const here = import.meta.dirname;
const target = path.resolve(here, '../../.cache/peer');
const run = promisify(execFile);

type Box = readonly [number, number, number, number];

/** What facenet-pytorch measured on one photo; milliseconds, the median of five rounds after a warm-up. */
export type PeerPhoto = {
  readonly photo: string;
  readonly ms: { decode: number; detect: number; crop: number; embed: number; whole: number };
  readonly faces: readonly { readonly box: Box; readonly probability: number }[];
};

export type Peer =
  | { readonly torch: string; readonly threads: number; readonly photos: readonly PeerPhoto[] }
  | { readonly missing: string };

/** Runs facenet-pytorch over the photos, in this run and on this machine; says why where it cannot be had. */
export async function runPeer(photos: readonly string[]): Promise<Peer> {
  try {
    const python = path.join(target, 'bin/python');
    if (!existsSync(python)) await run(path.join(here, 'install-peer.sh'), [target], { timeout: 600_000 });
    const { stdout } = await run(python, [path.join(here, 'peer.py'), ...photos], { maxBuffer: 1e8, timeout: 600_000 });
    return JSON.parse(stdout) as Peer;
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    return { missing: stderr.split('\n').at(-1) || String(error) };
  }
}

/** Share of the peer's sure faces (probability ≥ 0.95) that a box of ours covers with IoU ≥ 0.5, over all photos. */
export function shareFound(peer: readonly PeerPhoto[], ours: readonly (readonly Box[])[]): number {
  let [found, all] = [0, 0];
  for (const [i, { faces }] of peer.entries()) {
    for (const { box, probability } of faces) {
      if (probability < 0.95) continue;
      all++;
      if (ours[i]?.some(other => intersectionOverUnion(box, other) >= 0.5)) found++;
    }
  }
  return all === 0 ? 1 : found / all;
}

function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: Box): number => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(a) + area(b) - width * height);
}
