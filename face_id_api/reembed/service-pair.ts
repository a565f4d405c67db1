import { headerSchema, toRecord } from '../archive/archive-lines.ts';
import { exportGallery } from '../archive/export-gallery.ts';
import { readLines } from '../archive/read-lines.ts';
import { type FaceIdClient, FaceIdError } from '../client/index.ts';
import { GalleryError } from '../gallery/gallery-error.ts';
import { besideOf } from '../store/beside-name.ts';
import type { GallerySummary, IdentityRecord } from '../store/store.ts';
import type { GalleryPair } from './gallery-pair.ts';

/** As the service's own imports have it. */
const maxLineBytes = 64 * 1024 * 1024;

/** The gallery of this name and the one beside it, behind a service that runs, asked with a key for everything. */
export function createServicePair(client: FaceIdClient, name: string): GalleryPair {
  const beside = besideOf(name);
  const { galleries, identities } = client;

  return {
    name,
    describe: () => galleries.get(name),
    describeBeside: () => orNull(galleries.get(beside)),
    records: () => recordsOf(name),
    besideRecords: () => recordsOf(beside),
    async createBeside(model) {
      await galleries.putBeside(name, model);
    },
    async importBeside(records) {
      const lines = archiveOf(await galleries.get(beside), records);
      const { refused, complete } = await galleries.import(beside, lines);
      if (refused.length === 0 && complete) return;
      throw new GalleryError(`The service left a line out: ${refused[0]?.reason ?? 'the transfer was cut off'}`);
    },
    async removeBeside(id) {
      await orNull(identities.delete(id, { gallery: beside }), 'UNKNOWN_ID');
    },
    async switch(fingerprint, force) {
      await galleries.switch(name, fingerprint, { force });
    },
    async dropBeside() {
      return (await galleries.delete(beside)).deleted;
    },
  };

  async function* recordsOf(gallery: string): AsyncGenerator<IdentityRecord> {
    let model: GallerySummary['model'] | null = null;
    let isWhole = false;
    for await (const { bytes } of readLines(await galleries.exportStream(gallery), maxLineBytes)) {
      const line: unknown = JSON.parse(Buffer.from(bytes).toString());
      if (model === null) model = headerSchema.parse(line).model;
      else if (isWhole || (typeof line === 'object' && line !== null && 'end' in line)) isWhole = true;
      else yield toRecord(line, model);
    }
    if (!isWhole) throw new GalleryError(`The export of gallery '${gallery}' was cut off: its last line is missing`);
  }
}

function archiveOf(summary: GallerySummary, records: readonly IdentityRecord[]): AsyncGenerator<string> {
  const source = {
    async *export() {
      yield* records;
    },
  };
  return exportGallery(source, summary, new Date());
}

/** Null where it is not there. */
async function orNull<T>(asked: Promise<T>, code = 'GALLERY_NOT_FOUND'): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof FaceIdError && error.code === code) return null;
    throw error;
  }
}
