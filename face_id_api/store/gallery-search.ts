import type { Candidate } from '../core/decide.ts';
import { compareIds, type IdentityId } from '../core/identity-id.ts';
import { cosine } from '../core/similarity.ts';
import { nearestRejection } from '../core/strike-rejected.ts';
import type { ScoredKey } from '../core/top-scores.ts';
import type { GalleryVectors } from './gallery-vectors.ts';
import type { IdentityTable } from './identity-table.ts';
import { type Look, type Nearest, scoreTolerance, standsOut } from './nearest.ts';
import type { RejectionTable } from './rejection-table.ts';
import type { SearchOptions } from './store.ts';
import type { Owned, TemplateTable } from './template-table.ts';

/** Everything that a search asks the truth for. */
export type SearchTables = {
  readonly identities: IdentityTable;
  readonly templates: TemplateTable;
  readonly rejections: RejectionTable;
};

type Hit = Candidate & { readonly identity: number };

/** What was found so far; `next`: how to look then, null where that would change nothing. */
type Found = { readonly hits: readonly Hit[]; readonly next: Look | null };

/** How far an index has to look around where nobody stands out: the nearest may have been missed. It takes six times as long as its own least. */
const thorough = 448;
/**
 * An index of more templates than this may name a photo of somebody without the nearest of theirs, one in 400 times at a million: of those
 * the first of who are found so many templates are compared then.
 */
const namesAllUpTo = 200_000;
const [comparedPeople, comparedOfEach] = [8, 16];
/** An index is not asked for more than an identity may have templates, and some. */
const deepest = 1 << 14;
/** Where of the latest probes more than this were strangers, the quick look is left out: it would be in vain too often. */
const mostlyStrangers = 0.8;
/** Weight of the newest probe in that share. */
const newest = 1 / 16;

/**
 * Finds the at most `topK` identities of a gallery with the highest scores. Templates are asked for in growing numbers, until the
 * identities that they belong to are enough: one identity may own many, and what the index names may be gone. Every key is looked up in
 * the database, and what the index found is scored there again, in float32, as far as it may be among the best.
 */
export function createGallerySearch(
  tables: SearchTables,
  vectors: () => GalleryVectors,
  gallery: number,
): (probe: Float32Array, options: Pick<SearchOptions, 'topK' | 'by'>) => Promise<Candidate[]> {
  let strangers = 0;
  const looks: Looks = {
    first: () => (strangers > mostlyStrangers ? thorough : 0),
    ended(isStranger) {
      strangers += newest * (Number(isStranger) - strangers);
    },
  };
  return (probe, options) => searchGallery(tables, vectors(), looks, gallery, probe, options);
}

/** What the latest searches say of how to look first. */
type Looks = { first(): number; ended(isStranger: boolean): void };

async function searchGallery(
  { identities, templates, rejections }: SearchTables,
  vectors: GalleryVectors,
  looks: Looks,
  gallery: number,
  probe: Float32Array,
  { topK, by = 'template' }: Pick<SearchOptions, 'topK' | 'by'>,
): Promise<Candidate[]> {
  /** By key, for whoever is found again by looking deeper. */
  const exact = new Map<number, number>();
  /** Of people it is enough to know who may be among the nearest: their own vectors are compared then. */
  const isExact = by === 'template';
  if (by === 'template') return toCandidates(await byTemplate(topK));
  const near = await byTemplate(4 * topK + 16);
  const people = near.map(hit => ({ ...hit, score: scoreOf(identities.person(hit.identity)) }));
  return toCandidates(people.sort(byRank).slice(0, topK));

  async function byTemplate(count: number): Promise<readonly Hit[]> {
    let look: Look = { depth: 4 * count + 16, effort: looks.first(), further: thorough };
    for (;;) {
      const { hits, next } = await vectors.nearest(probe, look, (memory, index) => resolve(memory, index, count, look));
      if (next === null) return hits;
      look = next;
    }
  }

  function resolve(memory: readonly ScoredKey[], index: Nearest, count: number, look: Look): Found {
    const { depth } = look;
    const best = new Map<number, Hit>();
    const keep = ({ identity, id }: Owned, score: number): void => {
      if (score > (best.get(identity)?.score ?? Number.NEGATIVE_INFINITY)) best.set(identity, { identity, id, score });
    };
    // Best first. Below `least` nobody is among the best `count` identities, whatever the exact scores are.
    let least = Number.NEGATIVE_INFINITY;
    for (const [i, key] of index.keys.entries()) {
      const rough = index.scores[i]!;
      if (rough < least) break;
      const owner = templates.owned(gallery, key);
      if (owner === null) continue;
      keep(owner, isExact ? exactly(key, owner) : rough);
      if (least === Number.NEGATIVE_INFINITY && best.size === count) {
        least = Math.min(...[...best.values()].map(({ score }) => score)) - scoreTolerance;
      }
    }
    // What lies deeper scores at most this.
    let cut =
      index.all || depth >= deepest ? Number.NEGATIVE_INFINITY : (index.scores.at(-1) ?? Number.POSITIVE_INFINITY);
    // Best first, so that behind `count` identities nobody better comes.
    const seen = new Set<number>();
    for (const [i, { key, score }] of memory.entries()) {
      const owner = templates.owned(gallery, key);
      if (owner !== null) {
        keep(owner, score);
        seen.add(owner.identity);
      }
      const next = memory[i + 1]?.score;
      if (next === undefined && memory.length === depth) cut = Math.max(cut, score);
      if (seen.size >= count && next !== undefined && next < score) break;
    }
    const hits = [...best.values()].sort(byRank).slice(0, count);
    const last = hits[count - 1];
    if (cut === Number.NEGATIVE_INFINITY) return { hits, next: null };
    if (last === undefined || last.score <= cut)
      return { hits, next: { ...look, depth: depth * 4, effort: index.effort } };
    const isStranger = !standsOut(hits[0]!.score, cut);
    // The index has looked further by itself, unless it was somebody who is gone that stood out.
    const isSure = index.all || index.effort >= thorough || !isStranger;
    if (!isSure) return { hits, next: { ...look, effort: thorough } };
    looks.ended(isStranger);
    if (!isExact || index.size <= namesAllUpTo) return { hits, next: null };
    return { hits: hits.map((hit, i) => (i < comparedPeople ? compared(hit) : hit)).sort(byRank), next: null };
  }

  /** With the best score of all templates of an identity, the first of them at least. */
  function compared(hit: Hit): Hit {
    const scores = templates.firstOf(hit.identity, comparedOfEach).map(scoreOf);
    return { ...hit, score: Math.max(hit.score, ...scores) };
  }

  function exactly(key: number, owner: Owned): number {
    const score = exact.get(key) ?? scoreOf(owner.vector());
    exact.set(key, score);
    return score;
  }

  function toCandidates(hits: readonly Hit[]): Candidate[] {
    const areJudged = hits.length > 0 && rejections.any(gallery);
    return hits.map(({ id, score, identity }) => {
      const rejection = areJudged ? nearestRejection(probe, rejections.vectors(identity)) : undefined;
      return { id, score, ...(rejection !== undefined && { rejection }) };
    });
  }

  function scoreOf(vector: Float32Array | null): number {
    return vector === null ? -1 : cosine(probe, 0, vector, 0, probe.length);
  }
}

function byRank(a: { id: IdentityId; score: number }, b: { id: IdentityId; score: number }): number {
  return b.score - a.score || compareIds(a.id, b.id);
}
