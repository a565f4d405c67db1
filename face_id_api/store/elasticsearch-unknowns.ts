import { randomUUID } from 'node:crypto';
import type { Client, estypes } from '@elastic/elasticsearch';
import { toFloat32Array } from '../../triton/core/tensor.ts';
import { ElasticsearchItemError } from './elasticsearch-error.ts';
import type { KnownIndex } from './elasticsearch-indexes.ts';
import { toBytes } from './identity-table.ts';
import type { NewUnknown, UnknownFace, WhichUnknowns } from './teaching.ts';

/** A face that nobody was found for. `index` is its gallery's own: what takes the place of that one has none of them. */
type UnknownDocument = {
  readonly id: string;
  readonly index: string;
  /** Base64 of little-endian float32, of whatever length the gallery's model has. */
  readonly vector: string;
  readonly detector: string;
  readonly seen: string;
};

export type ElasticsearchUnknowns = ReturnType<typeof createElasticsearchUnknowns>;

/** Read or deleted at a time. */
const batch = 1000;

/** The index of unknown faces, one for all galleries. */
export function createElasticsearchUnknowns(client: Client, unknowns: string) {
  async function page(
    query: estypes.QueryDslQueryContainer,
    size: number,
    after: readonly string[] | null = null,
  ): Promise<UnknownDocument[]> {
    const { hits } = await client.search<UnknownDocument>({
      index: unknowns,
      size,
      query,
      sort: [{ seen: 'asc' }, { id: 'asc' }],
      ...(after === null ? {} : { search_after: [...after] }),
    });
    return hits.hits.flatMap(({ _source }) => _source ?? []);
  }

  /** How many there were. Found first, then deleted by their ids: what comes meanwhile is not among them. */
  async function removeWhere(query: estypes.QueryDslQueryContainer): Promise<number> {
    for (let deleted = 0; ; ) {
      const found = await page(query, batch);
      if (found.length === 0) return deleted;
      const operations = found.map(({ id }) => ({ delete: { _id: id } }));
      const { items } = await client.bulk({ index: unknowns, operations, refresh: true });
      const results = items.map(item => item.delete);
      // 404: another process was faster.
      if (results.some(one => one === undefined || (one.status >= 300 && one.status !== 404))) {
        throw new ElasticsearchItemError(503, 'bulk', 'not every unknown face could be deleted');
      }
      deleted += results.filter(one => one?.result === 'deleted').length;
      if (found.length < batch) return deleted;
    }
  }

  const of = ({ index }: Pick<KnownIndex, 'index'>, ...also: estypes.QueryDslQueryContainer[]) => ({
    bool: { filter: [{ term: { index } }, ...also] },
  });

  return {
    unknowns,
    async keep(gallery: KnownIndex, faces: readonly NewUnknown[], most: number): Promise<void> {
      const operations = faces.flatMap(({ vector, detector, seen }) => {
        const id = randomUUID();
        const document: UnknownDocument = {
          id,
          index: gallery.index,
          vector: Buffer.from(toBytes(vector)).toString('base64'),
          detector,
          seen,
        };
        return [{ create: { _id: id } }, document];
      });
      if (operations.length > 0) {
        const { errors } = await client.bulk({ index: unknowns, operations, refresh: true });
        if (errors) throw new ElasticsearchItemError(503, 'bulk', 'not every unknown face was kept');
      }
      const { count } = await client.count({ index: unknowns, query: of(gallery) });
      for (let beyond = count - most; beyond > 0; beyond -= batch) {
        const oldest = await page(of(gallery), Math.min(beyond, batch));
        await removeWhere(of(gallery, { terms: { id: oldest.map(({ id }) => id) } }));
      }
    },
    async list(gallery: KnownIndex, since: string): Promise<UnknownFace[]> {
      const found: UnknownFace[] = [];
      for (let after: string[] | null = null; ; ) {
        const documents = await page(of(gallery, { range: { seen: { gte: since } } }), batch, after);
        for (const { id, vector, detector, seen } of documents) {
          // A copy: small buffers are views of a shared one, at any place.
          const values = toFloat32Array(new Uint8Array(Buffer.from(vector, 'base64')));
          found.push({ id, vector: values, detector, seen });
        }
        const last = documents.at(-1);
        if (last === undefined || documents.length < batch) return found;
        after = [last.seen, last.id];
      }
    },
    /** How many of these there are. */
    async count(gallery: KnownIndex, ids: readonly string[]): Promise<number> {
      let sum = 0;
      for (let from = 0; from < ids.length; from += batch) {
        const query = of(gallery, { terms: { id: ids.slice(from, from + batch) } });
        sum += (await client.count({ index: unknowns, query })).count;
      }
      return sum;
    },
    async remove(gallery: KnownIndex, which: WhichUnknowns): Promise<number> {
      if ('seenBefore' in which) return await removeWhere(of(gallery, { range: { seen: { lt: which.seenBefore } } }));
      let sum = 0;
      for (let from = 0; from < which.ids.length; from += batch) {
        sum += await removeWhere(of(gallery, { terms: { id: which.ids.slice(from, from + batch) } }));
      }
      return sum;
    },
    /** Forgets those of an index that is gone; how many there were. */
    forgetIndex: (index: string): Promise<number> => removeWhere(of({ index })),
    /** Forgets those of indexes that are gone, by whoever died while it erased. `present` is asked after them. */
    async sweep(present: () => Promise<readonly Pick<KnownIndex, 'index'>[]>): Promise<void> {
      const { aggregations } = await client.search<unknown, { indexes: estypes.AggregationsStringTermsAggregate }>({
        index: unknowns,
        size: 0,
        aggs: { indexes: { terms: { field: 'index', size: batch } } },
      });
      const { buckets = [] } = aggregations?.indexes ?? {};
      const named = Array.isArray(buckets) ? buckets.map(({ key }) => String(key)) : Object.keys(buckets);
      if (named.length === 0) return;
      const there = new Set((await present()).map(({ index }) => index));
      for (const index of named) if (!there.has(index)) await removeWhere(of({ index }));
    },
  };
}
