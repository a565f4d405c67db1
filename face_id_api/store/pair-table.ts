import type { DatabaseSync } from 'node:sqlite';
import type { IdentityId } from '../core/identity-id.ts';
import { toId } from './identity-table.ts';

export type PairTable = ReturnType<typeof createPairTable>;

/** Identities that are known to be two people, by their rows' keys, the lower first; a pair goes with either row. */
export function createPairTable(database: DatabaseSync) {
  const both =
    'SELECT high AS other FROM distinct_pair WHERE low = ?1 UNION ALL SELECT low FROM distinct_pair WHERE high = ?1';
  const statements = {
    add: database.prepare('INSERT OR IGNORE INTO distinct_pair (low, high) VALUES (min(?1, ?2), max(?1, ?2))'),
    remove: database.prepare('DELETE FROM distinct_pair WHERE low = min(?1, ?2) AND high = max(?1, ?2)'),
    keys: database.prepare(both),
    ids: database.prepare(`SELECT id FROM identity WHERE key IN (${both}) ORDER BY id`),
  };
  const keysOf = (identity: number): number[] => statements.keys.all(identity).map(({ other }) => Number(other));

  return {
    add(a: number, b: number): void {
      statements.add.run(a, b);
    },
    remove(a: number, b: number): void {
      statements.remove.run(a, b);
    },
    keysOf,
    of: (identity: number): IdentityId[] => statements.ids.all(identity).map(({ id }) => toId(id)),
    /** Whoever is not the one is not the other either, once the two are one. */
    give(from: number, to: number): void {
      for (const other of keysOf(from)) if (other !== to) statements.add.run(other, to);
    },
  };
}
