import type { DatabaseSync } from 'node:sqlite';
import { createGalleryRotations, type GalleryRotations } from '../encryption/gallery-rotations.ts';
import type { MasterKey } from '../encryption/master-key.ts';
import { createOpenedVectors, type OpenedVectors } from '../encryption/opened-vectors.ts';
import type { Tables } from './change-gallery.ts';
import type { DatabaseAccess } from './database-access.ts';
import { createGalleryTable } from './gallery-table.ts';
import { createIdentityTable } from './identity-table.ts';
import { openSealing, type Sealing } from './open-sealing.ts';
import { createPairTable } from './pair-table.ts';
import { createRejectionTable } from './rejection-table.ts';
import { createSealingTable } from './sealing-table.ts';
import { createTemplateTable } from './template-table.ts';
import { createUnknownTable } from './unknown-table.ts';
import { wipeDatabase } from './wipe-database.ts';

export type TablesOptions = {
  readonly access: DatabaseAccess;
  /** What vectors are encrypted under; null: they are not. */
  readonly masterKey: MasterKey | null;
  /** Whether every gallery's vectors are turned by a secret of its own. */
  readonly rotateVectors: boolean;
  readonly now: () => Date;
};

/**
 * The tables of a database, which seal and open vectors as it and the configuration say.
 * @throws StartError or ServiceError STORAGE_FAILED where the two disagree; nothing is changed then
 */
export function openTables(
  database: DatabaseSync,
  { access, masterKey, rotateVectors, now }: TablesOptions,
): {
  readonly tables: Tables;
  readonly opened: OpenedVectors;
  readonly sealing: Sealing;
  readonly rotations: GalleryRotations;
} {
  const galleries = createGalleryTable(database);
  const sealings = createSealingTable(database);
  const rotations = createGalleryRotations(masterKey, rotateVectors);
  // Whoever cannot read every gallery leaves all of them as they are.
  const sealing = access.transaction(() => {
    const found = openSealing(sealings, galleries, masterKey);
    for (const { key, rotation } of galleries.all()) {
      if (rotation === null && !galleries.hasVectors(key)) galleries.setRotation(key, rotations.fresh());
    }
    for (const row of galleries.all()) rotations.basisOf(row);
    return found;
  });
  wipeDatabase(database, sealings);
  const opened = createOpenedVectors(sealing.vectors);
  const tables: Tables = {
    galleries,
    identities: createIdentityTable(database, sealing.vectors, opened),
    templates: createTemplateTable(database, now, sealing.vectors, opened),
    rejections: createRejectionTable(database, sealing.vectors),
    pairs: createPairTable(database),
    unknowns: createUnknownTable(database, sealing.vectors),
  };
  return { tables, opened, sealing, rotations };
}
