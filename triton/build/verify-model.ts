import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ModelCard, readCard } from '../card.ts';
import { messageOf } from './model-error.ts';
import type { KnownModel } from './registry/known-model.ts';

export type FileVerdict = {
  readonly file: string;
  readonly state: 'ok' | 'changed' | 'missing';
  /** Expected and got, where they differ. */
  readonly detail: string;
};

/** Hashes every built file of an installed model against its card. config.pbtxt is the operator's to tune: it has to be there. */
export async function verifyModel(model: KnownModel, dir: string): Promise<readonly FileVerdict[]> {
  let card: ModelCard;
  try {
    card = await readCard(dir);
  } catch (error) {
    const missing = (await exists(path.join(dir, 'card.json'))) === false;
    return [{ file: 'card.json', state: missing ? 'missing' : 'changed', detail: missing ? '' : messageOf(error) }];
  }
  const verdicts: FileVerdict[] = [];
  for (const { file, sha256 } of card.files) verdicts.push(await verifyFile(dir, file, sha256));
  if (model.kind === 'embedder') {
    const state = (await exists(path.join(dir, 'config.pbtxt'))) ? 'ok' : 'missing';
    verdicts.push({ file: 'config.pbtxt', state, detail: '' });
  }
  return verdicts;
}

async function verifyFile(dir: string, file: string, expected: string): Promise<FileVerdict> {
  const full = path.join(dir, file);
  if (!(await exists(full))) return { file, state: 'missing', detail: '' };
  const hash = createHash('sha256');
  await pipeline(createReadStream(full), hash);
  const got = hash.digest('hex');
  if (got === expected) return { file, state: 'ok', detail: '' };
  return { file, state: 'changed', detail: `expected SHA-256 ${expected}, got ${got}` };
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
