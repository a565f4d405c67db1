import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { intersectionOverUnion } from '../../detector/core/box.ts';
import type { Box } from '../../detector/core/detected-face.ts';

const here = import.meta.dirname;
const target = path.resolve(here, '../../.cache/peer');
const run = promisify(execFile);

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
