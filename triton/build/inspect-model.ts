import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type ModelCard, readCard } from '../card.ts';
import { fingerprintOfModel } from './create-card.ts';
import { buildOptionsOf } from './install-model.ts';
import { messageOf } from './model-error.ts';
import { type ModelFolders, modelDir } from './model-folders.ts';
import type { KnownModel } from './registry/known-model.ts';

export type ModelState =
  | { readonly state: 'absent' }
  /** Files are missing or of another size, or the card cannot be read. */
  | { readonly state: 'damaged'; readonly reason: string }
  /** Whole, but built from other weights or with other options than wanted now. */
  | { readonly state: 'outdated'; readonly reason: string; readonly card: ModelCard }
  | { readonly state: 'ready'; readonly card: ModelCard };

export type InspectOptions = ModelFolders & { readonly mirrorCrop: boolean };

/** What is installed under a model's name: a look at the card and at file sizes, without reading the files. */
export async function inspectModel(model: KnownModel, options: InspectOptions): Promise<ModelState> {
  const dir = modelDir(model, options);
  if ((await sizeOf(dir)) === null) return { state: 'absent' };
  let card: ModelCard;
  try {
    card = await readCard(dir);
  } catch (error) {
    return { state: 'damaged', reason: messageOf(error) };
  }
  const damage = await findDamage(model, dir, card);
  if (damage !== null) return { state: 'damaged', reason: damage };
  const reason = findDifference(model, card, options);
  return reason === null ? { state: 'ready', card } : { state: 'outdated', reason, card };
}

async function findDamage(model: KnownModel, dir: string, card: ModelCard): Promise<string | null> {
  if (card.name !== model.name) return `${dir}: expected the card of ${model.name}, got that of ${card.name}`;
  for (const { file, bytes } of card.files) {
    const size = await sizeOf(path.join(dir, file));
    if (size === null) return `${path.join(dir, file)} is missing`;
    if (size !== bytes) return `${path.join(dir, file)}: expected ${bytes} bytes, got ${size}`;
  }
  const config = path.join(dir, 'config.pbtxt');
  return model.kind === 'embedder' && (await sizeOf(config)) === null ? `${config} is missing` : null;
}

function findDifference(model: KnownModel, card: ModelCard, options: InspectOptions): string | null {
  const wanted = buildOptionsOf(model, options);
  if (card.mirror_crop !== wanted.mirrorCrop) {
    return `built with mirror_crop ${card.mirror_crop}, wanted ${wanted.mirrorCrop}`;
  }
  if (card.revision !== model.revision) {
    return `built by revision ${card.revision} of its builder, this is revision ${model.revision}`;
  }
  // A weight without a pinned sum is what it was when it was installed.
  const recorded = new Map(card.weights.map(weight => [weight.file, weight.sha256]));
  const sums = model.weights.map(({ name, sha256 }) => sha256 ?? recorded.get(name) ?? '');
  if (card.fingerprint === fingerprintOfModel(model, sums, wanted)) return null;
  return 'built from other weights, or for another crop, than this version of the project knows';
}

async function sizeOf(file: string): Promise<number | null> {
  return (await stat(file).catch(() => null))?.size ?? null;
}
