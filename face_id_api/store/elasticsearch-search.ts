import type { Client, estypes } from '@elastic/elasticsearch';
import type { Candidate } from '../core/decide.ts';
import { compareIds } from '../core/identity-id.ts';
import { cosine } from '../core/similarity.ts';
import { nearestRejection } from '../core/strike-rejected.ts';
import { type IdentityDocument, idOf } from './elasticsearch-documents.ts';
import { ElasticsearchItemError } from './elasticsearch-error.ts';
import type { KnownIndex } from './elasticsearch-indexes.ts';
import type { SearchOptions } from './store.ts';

type Hit = Pick<IdentityDocument, 'key' | 'person' | 'templates' | 'rejections'>;
type Near = Candidate & { readonly person: readonly number[] };

/** Whom no search finds. */
export const consentExpired: estypes.QueryDslQueryContainer = { range: { consent_expires: { lte: 'now' } } };

/** Searches in one request: each takes a thread of the node for a few milliseconds. */
const searchesAtOnce = 16;
/** What Elasticsearch takes at most, and looks at per shard. */
const deepest = 10_000;
/** A gallery of at most so many templates a shard is searched exactly: a filter that lets through no more needs no graph. */
const fewestCandidates = 500;
/** Candidates that Elasticsearch scores again in float32, for each that it returns. */
const oversample = 4;

/**
 * The at most `topK` identities with the highest scores, for each probe. Elasticsearch names the identities with the nearest templates;
 * their vectors come with them and are scored here in the same way as the local store's. Where the last ones tie with what may lie
 * behind them, it is asked for more.
 */
export async function searchElasticsearch(
  client: Client,
  index: KnownIndex,
  probes: readonly Float32Array[],
  { topK, by = 'template', signal }: SearchOptions,
): Promise<(readonly Candidate[])[]> {
  const count = by === 'template' ? topK : 4 * topK + 16;
  const near: Near[][] = [];
  for (let from = 0; from < probes.length; from += searchesAtOnce) {
    near.push(...(await nearest(probes.slice(from, from + searchesAtOnce), 2 * count + 8)));
  }
  return near.map((found, i) => {
    const scored = by === 'template' ? found : found.map(one => ({ ...one, score: scoreOf(probes[i]!, one.person) }));
    return scored
      .sort(byRank)
      .slice(0, topK)
      .map(({ person: _, ...candidate }) => candidate);
  });

  async function nearest(some: readonly Float32Array[], depth: number): Promise<Near[][]> {
    signal.throwIfAborted();
    const searches = some.flatMap(probe => [{ index: index.index }, toSearch(index, probe, Math.min(depth, deepest))]);
    const { responses } = await client.msearch<Hit>({ searches }, { signal });
    const found = responses.map((answer, i) => read(answer, some[i]!));
    const unsure = found.flatMap((near, i) => (near.length < depth || depth >= deepest || isSure(near) ? [] : i));
    if (unsure.length === 0) return found.map(best);
    const deeper = await nearest(
      unsure.map(i => some[i]!),
      4 * depth,
    );
    return found.map((near, i) => deeper[unsure.indexOf(i)] ?? best(near));
  }

  /** Whether what was not returned, all of it worse than the last of what was, leaves the best `count` as they are. */
  function isSure(near: readonly Near[]): boolean {
    const sorted = near.toSorted(byRank);
    return (sorted[count - 1]?.score ?? -1) > (sorted.at(-1)?.score ?? -1);
  }

  function best(near: readonly Near[]): Near[] {
    return near.toSorted(byRank).slice(0, count);
  }
}

/** One exact part of a gallery: the best score among the identities with `from` ≤ slice < `to`, null for nobody. */
export async function searchSlices(
  client: Client,
  index: KnownIndex,
  probe: Float32Array,
  [from, to]: readonly [number, number],
): Promise<number | null> {
  const search = toSearch(index, probe, 4, { range: { slice: { gte: from, lt: to } } });
  const knn = { ...search.knn, num_candidates: deepest };
  const answer = await client.search<Hit>({ index: index.index, ...search, knn });
  const scores = read({ ...answer, status: 200 }, probe).map(({ score }) => score);
  return scores.length === 0 ? null : Math.max(...scores);
}

function toSearch(
  { isQuantised }: KnownIndex,
  probe: Float32Array,
  k: number,
  only: estypes.QueryDslQueryContainer = { match_all: {} },
) {
  return {
    size: k,
    _source: { includes: ['key', 'person', 'templates.vector', 'rejections.vector'], exclude_vectors: false },
    knn: {
      field: 'templates.vector',
      query_vector: [...probe],
      k,
      num_candidates: Math.min(deepest, Math.max(fewestCandidates, 8 * k)),
      filter: [{ term: { live: true } }, { bool: { must_not: consentExpired } }, only],
      ...(isQuantised ? { rescore_vector: { oversample } } : {}),
    },
  };
}

function read(answer: estypes.MsearchResponseItem<Hit>, probe: Float32Array): Near[] {
  if ('error' in answer) {
    throw new ElasticsearchItemError(answer.status, answer.error.type, answer.error.reason ?? '');
  }
  if (answer._shards.failed > 0 || answer.timed_out) {
    throw new ElasticsearchItemError(503, 'shards_failed', 'a part of the gallery did not answer');
  }
  return answer.hits.hits.flatMap(({ _source }) => {
    if (_source === undefined) return [];
    const { key, person = [], templates, rejections = [] } = _source;
    const score = Math.max(...templates.map(({ vector }) => scoreOf(probe, vector)));
    const rejection = nearestRejection(
      probe,
      rejections.map(({ vector }) => Float32Array.from(vector)),
    );
    return { id: idOf(key), score, person, ...(rejection !== undefined && { rejection }) };
  });
}

function scoreOf(probe: Float32Array, vector: readonly number[]): number {
  return cosine(probe, 0, Float32Array.from(vector), 0, probe.length);
}

function byRank(a: Candidate, b: Candidate): number {
  return b.score - a.score || compareIds(a.id, b.id);
}
