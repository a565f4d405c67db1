import { createHash } from 'node:crypto';
import { type ErrorCode, ServiceError } from '../../detector/errors.ts';
import { CliError } from '../cli/cli-error.ts';
import type { NamedPhoto } from '../cli/find-photos.ts';
import { mapConcurrently } from '../core/map-concurrently.ts';
import type { CountProgress } from '../count-progress.ts';
import { GalleryError } from '../gallery/gallery-error.ts';
import { besideOf } from '../store/beside-name.ts';
import type { GalleryModel, IdentityRecord, Template } from '../store/store.ts';
import { type CarriedIdentity, carryTemplate, giveUpPending, startCarrying } from './carry-over.ts';
import { createDurableImport } from './durable-import.ts';
import { embedTemplates, type NewFace, type ReembedEngine } from './embed-templates.ts';
import type { GalleryPair } from './gallery-pair.ts';

export type ReembedOptions = {
  readonly engine: ReembedEngine;
  /** Where templates' photos are looked for, by their SHA-256. */
  readonly photos: readonly NamedPhoto[];
  /** Photos at once: detector and embedder are kept busy at the same time. */
  readonly concurrency: number;
  readonly progress: CountProgress;
  readonly signal: AbortSignal;
};

export type Reembedded = {
  readonly identities: readonly CarriedIdentity[];
  /** Templates that an earlier run had carried over. */
  readonly reused: number;
  /** Photos that were looked at. */
  readonly embedded: number;
  /** Files that could not be read, so that nothing is known of them. */
  readonly unread: readonly string[];
};

type Looked = { embedded: number; readonly unread: string[] };
type Wanted = { readonly work: CarriedIdentity; readonly template: Template };

/** Codes that are the photo's own fault. */
const photoFaults: readonly ErrorCode[] = ['UNREADABLE', 'UNSUPPORTED_IMAGE', 'TOO_LARGE', 'TOO_MANY_PIXELS'];

/**
 * Fills the gallery beside one with the same people by the engine's model, from the photos that their templates came from. What is
 * there already is kept, so that the same again goes on where it stopped, and takes over what has changed; who is no longer enrolled is
 * erased there. Rejects as pair, finder and embedder do; what was carried over by then is durable.
 * @throws GalleryError where the gallery is this model's already, or the one beside it another's
 */
export async function reembedGallery(pair: GalleryPair, options: ReembedOptions): Promise<Reembedded> {
  const { embedder } = options.engine;
  const { name, fingerprint, dimension } = embedder.model;
  await openBeside(pair, { name, fingerprint, dimension });
  const identities = await readIdentities(pair);
  const reused = identities.reduce((sum, { carried }) => sum + carried.size, 0);
  const durable = createDurableImport(pair);
  for (const work of identities) if (!work.isInStep && work.pending.size === 0) await durable.changed(work);
  const looked: Looked = { embedded: 0, unread: [] };
  try {
    await embedAll(identities, options, looked, durable.changed);
  } catch (error) {
    // What was made is kept; what went wrong first is told.
    await durable.flush().catch(() => {});
    throw error;
  }
  for (const work of identities) {
    if (work.pending.size === 0) continue;
    giveUpPending(work);
    await durable.changed(work);
  }
  await durable.flush();
  return { identities, reused, ...looked };
}

async function openBeside(pair: GalleryPair, model: GalleryModel): Promise<void> {
  const [gallery, beside] = [await pair.describe(), await pair.describeBeside()];
  if (gallery.model.fingerprint === model.fingerprint) {
    throw new GalleryError(
      `Gallery '${pair.name}' holds vectors of ${model.name} already: name the next model by --model, or in models.embedder`,
    );
  }
  if (beside !== null && beside.templates > 0 && beside.model.fingerprint !== model.fingerprint) {
    throw new GalleryError(
      `Gallery '${besideOf(pair.name)}' holds vectors of ${beside.model.name}, not of ${model.name}: erase it first, by ` +
        'gallery drop-beside',
    );
  }
  // When it was made says whether it has served: one that holds nobody any more has not.
  if (beside?.templates === 0) await pair.dropBeside();
  await pair.createBeside(model);
}

async function readIdentities(pair: GalleryPair): Promise<CarriedIdentity[]> {
  const there = new Map<IdentityRecord['id'], IdentityRecord>();
  for await (const record of pair.besideRecords()) there.set(record.id, record);
  const identities: CarriedIdentity[] = [];
  for await (const record of pair.records()) {
    identities.push(startCarrying(record, there.get(record.id)));
    there.delete(record.id);
  }
  for (const id of there.keys()) await pair.removeBeside(id);
  return identities;
}

/** Looks at every photo that a template is waiting for. */
async function embedAll(
  identities: readonly CarriedIdentity[],
  { engine, photos, concurrency, progress, signal }: ReembedOptions,
  looked: Looked,
  changed: (work: CarriedIdentity) => Promise<void>,
): Promise<void> {
  const wanted = wantedPhotos(identities);

  async function look(photo: NamedPhoto, signal: AbortSignal): Promise<void> {
    // Once nobody waits any more the rest need not be read.
    if (wanted.size === 0) return;
    const bytes = await readPhoto(photo, looked.unread);
    if (bytes === null) return;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const waiting = wanted.get(sha256);
    if (waiting === undefined) return;
    wanted.delete(sha256);
    const faces = await facesOf(bytes, waiting, engine, signal);
    for (const [i, { work, template }] of waiting.entries()) {
      carryTemplate(work, template, faces[i]!, engine.embedder.model);
    }
    looked.embedded += 1;
    for (const work of new Set(waiting.map(one => one.work))) await changed(work);
  }

  progress.start(photos.length);
  try {
    await mapConcurrently(photos, { limit: concurrency, signal }, async (photo, _, either) => {
      await look(photo, either);
      progress.step();
    });
  } finally {
    progress.done();
  }
}

async function readPhoto(photo: NamedPhoto, unread: string[]): Promise<Buffer | null> {
  try {
    return await photo.read();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    unread.push(photo.name);
    return null;
  }
}

function wantedPhotos(identities: readonly CarriedIdentity[]): Map<string, Wanted[]> {
  const wanted = new Map<string, Wanted[]>();
  for (const work of identities) {
    for (const template of work.pending.values()) {
      const waiting = wanted.get(template.sourceSha256) ?? [];
      wanted.set(template.sourceSha256, [...waiting, { work, template }]);
    }
  }
  return wanted;
}

async function facesOf(
  photo: Uint8Array,
  waiting: readonly Wanted[],
  engine: ReembedEngine,
  signal: AbortSignal,
): Promise<NewFace[]> {
  const templates = waiting.map(({ template }) => template);
  try {
    return await embedTemplates(photo, templates, engine, signal);
  } catch (error) {
    if (error instanceof ServiceError && photoFaults.includes(error.code)) return templates.map(() => 'UNREADABLE');
    throw error;
  }
}
