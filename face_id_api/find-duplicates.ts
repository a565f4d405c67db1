import { ServiceError } from '../detector/errors.ts';
import { compareIds, type IdentityId } from './core/identity-id.ts';
import { isStruck } from './core/strike-rejected.ts';
import type { Gallery } from './store/store.ts';

/** Two identities whose person vectors are as near as those of one person. */
export type Duplicate = { readonly a: IdentityId; readonly b: IdentityId; readonly score: number };

export type DuplicatesPage = {
  /** Most alike first; `a` comes before `b` in the order of `compareIds`. */
  readonly pairs: readonly Duplicate[];
  /** How many identities were compared with all others. */
  readonly looked: number;
  /** The last one of them, where the walk goes on; null at the end. */
  readonly next: IdentityId | null;
};

export type DuplicatesOptions = {
  readonly after: IdentityId | null;
  /** Pairs from which on no further identity is looked at; the last one may bring a few more. */
  readonly limit: number;
  /** Cosine. */
  readonly threshold: number;
  /** After this time no further identities are looked at either, so that a large gallery is walked in many short pages. */
  readonly budgetMs: number;
  readonly signal: AbortSignal;
};

/** Identities that are read, and looked for, together. */
const peopleAtOnce = 16;
/** Of those that one identity resembles; more of them show once these are merged or told apart. */
const mostPerPerson = 10;

/**
 * Who may be enrolled twice: walks the identities in their order and looks for those behind each one whose person vector reaches the
 * threshold. Both are compared in the same way, so each pair comes once. Left out are pairs that somebody has told apart, and identities
 * that are known not to be this face.
 */
export async function findDuplicates(gallery: Gallery, options: DuplicatesOptions): Promise<DuplicatesPage> {
  const { limit, threshold, budgetMs, signal } = options;
  const end = performance.now() + budgetMs;
  const pairs: Duplicate[] = [];
  let looked = 0;
  for (let { after } = options; ; ) {
    signal.throwIfAborted();
    const { people, next } = await gallery.people({ limit: peopleAtOnce, after });
    const probes = people.map(({ vector }) => vector);
    const found = await gallery.search(probes, { topK: mostPerPerson + 1, by: 'person', signal });
    for (const [i, { id }] of people.entries()) {
      const alike = (found[i] ?? []).filter(
        other => other.score >= threshold && compareIds(id, other.id) < 0 && !isStruck(other, threshold),
      );
      looked += 1;
      if (alike.length > 0) {
        const others = new Set(await gallery.listDistinct(id).catch(goneMeanwhile));
        pairs.push(...alike.flatMap(({ id: b, score }) => (others.has(b) ? [] : [{ a: id, b, score }])));
      }
      if (pairs.length >= limit) return page(id, next !== null || i + 1 < people.length);
    }
    if (next === null) return page(null, false);
    if (performance.now() > end) return page(next, true);
    after = next;
  }

  function page(last: IdentityId | null, goesOn: boolean): DuplicatesPage {
    return { pairs: pairs.toSorted((a, b) => b.score - a.score), looked, next: goesOn ? last : null };
  }
}

/** Who was erased since it was found has nobody to be told apart from. */
function goneMeanwhile(error: unknown): readonly IdentityId[] {
  if (error instanceof ServiceError && error.code === 'UNKNOWN_ID') return [];
  throw error;
}
