import type { DatabaseSync } from 'node:sqlite';
import { toId } from './identity-table.ts';
import type { BesideLag } from './store.ts';

/** How the gallery with the second key differs from that with the first; in one transaction with what follows from it. */
export type GalleryComparison = (main: number, beside: number) => BesideLag;

export function createGalleryComparison(database: DatabaseSync): GalleryComparison {
  const twin = 'JOIN identity b ON b.gallery = $beside AND b.id = a.id WHERE a.gallery = $main';
  const hasTemplates = (alias: string): string => `EXISTS (SELECT 1 FROM template WHERE identity = ${alias}.key)`;
  const missing = database.prepare(
    `SELECT count(*) AS count FROM identity a WHERE a.gallery = $main
       AND NOT EXISTS (SELECT 1 FROM identity b WHERE b.gallery = $beside AND b.id = a.id)`,
  );
  const changed = database.prepare(`SELECT count(*) AS count FROM identity a ${twin} AND a.updated <> b.updated`);
  const bare = database.prepare(
    `SELECT count(*) AS count FROM identity a ${twin} AND ${hasTemplates('a')} AND NOT ${hasTemplates('b')}`,
  );
  const gone = database.prepare(
    `SELECT b.id FROM identity b WHERE b.gallery = $beside
       AND NOT EXISTS (SELECT 1 FROM identity a WHERE a.gallery = $main AND a.id = b.id)
     UNION SELECT b.id FROM template t JOIN identity b ON b.key = t.identity WHERE t.gallery = $beside
       AND NOT EXISTS (SELECT 1 FROM template m JOIN identity a ON a.key = m.identity
         WHERE m.gallery = $main AND m.id = t.id AND a.id = b.id)`,
  );
  return (main, beside) => {
    const keys = { $main: main, $beside: beside };
    return {
      missing: Number(missing.get(keys)?.count),
      changed: Number(changed.get(keys)?.count),
      bare: Number(bare.get(keys)?.count),
      gone: gone.all(keys).map(({ id }) => toId(id)),
    };
  };
}
