import { randomBytes } from 'node:crypto';
import { deriveKey, keyBytes, type MasterKey, wrapperOf } from '../encryption/master-key.ts';
import type { FileSeal } from '../encryption/sealed-file.ts';
import { createVectorSeal, plainVectors, type VectorSeal } from '../encryption/vector-seal.ts';
import { StartError } from '../start-error.ts';
import type { GalleryTable } from './gallery-table.ts';
import type { SealingTable } from './sealing-table.ts';

/** How the vectors of a database and the indexes that are saved of it are encrypted. */
export type Sealing = {
  readonly vectors: VectorSeal;
  /** What a gallery's saved index of this name is sealed with; null: it is plain. */
  readonly fileSeal: (gallery: number, name: string) => FileSeal | null;
};

const plainSealing: Sealing = { vectors: plainVectors, fileSeal: () => null };
const dataKeyPurpose = 'data key';

/**
 * As a database says that it is sealed, and the configuration that it should be. One that holds no vectors becomes what it
 * should be here and now, in the caller's transaction.
 * @throws StartError where they disagree or the key is another one; nothing is changed then
 */
export function openSealing(table: SealingTable, galleries: GalleryTable, masterKey: MasterKey | null): Sealing {
  const wrapped = table.dataKey();
  if (wrapped !== null && masterKey === null)
    throw new StartError(`${encrypted(wrapped)}: set encryption.key_file to it`);
  if (masterKey === null) return plainSealing;
  if (wrapped !== null) return sealingOf(unwrapDataKey(masterKey, wrapped), galleries);
  if (galleries.all().some(({ key }) => galleries.hasVectors(key))) {
    throw new StartError(
      'the galleries are not encrypted, and encryption.key_file asks for that: run `face-id gallery encryption on` while no ' +
        'service runs, or set encryption.key_file back to null',
    );
  }
  const dataKey = newDataKey();
  table.setDataKey(wrapDataKey(masterKey, dataKey));
  return sealingOf(dataKey, galleries);
}

export function newDataKey(): Uint8Array {
  return randomBytes(keyBytes);
}

export function wrapDataKey(masterKey: MasterKey, dataKey: Uint8Array): string {
  return masterKey.wrap(dataKey, dataKeyPurpose);
}

/** @throws StartError where another key wrapped it */
export function unwrapDataKey(masterKey: MasterKey, wrapped: string): Uint8Array {
  const dataKey = masterKey.unwrap(wrapped, dataKeyPurpose);
  if (dataKey !== null) return dataKey;
  throw new StartError(
    `${encrypted(wrapped)}, which the configured key ${masterKey.id} does not open: set encryption.key_file to it`,
  );
}

/** @param dataKey null: plain */
export function sealingOf(dataKey: Uint8Array | null, galleries: Pick<GalleryTable, 'fingerprintOf'>): Sealing {
  if (dataKey === null) return plainSealing;
  const key = deriveKey(dataKey, 'face-id saved indexes');
  return {
    vectors: createVectorSeal(dataKey, galleries.fingerprintOf),
    fileSeal: (gallery, name) => ({ key, context: `v1 ${gallery} ${galleries.fingerprintOf(gallery)} ${name}` }),
  };
}

function encrypted(wrapped: string): string {
  return `the galleries are encrypted under key ${wrapperOf(wrapped) ?? '(unreadable)'}`;
}
