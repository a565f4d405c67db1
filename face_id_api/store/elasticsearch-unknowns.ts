import { randomUUID } from 'node:crypto';
import type { Client, estypes } from '@elastic/elasticsearch';
import { toFloat32Array } from '../../triton/core/tensor.ts';
import { ElasticsearchItemError } from './elasticsearch-error.ts';
import type { KnownIndex } from './elasticsearch-indexes.ts';
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

  /** All of them, a page at a time. */
  async function* pages(query: estypes.QueryDslQueryContainer): AsyncGenerator<readonly UnknownDocument[]> {
    for (let after: string[] | null = null; ; ) {
      const documents = await page(query, batch, after);
      yield documents;
      const last = documents.at(-1);
      if (last === undefined || documents.length < batch) return;
      after = [last.seen, last.id];
    }
  }

  async function add(documents: readonly UnknownDocument[]): Promise<void> {
    if (documents.length === 0) return;
    const operations = documents.flatMap(document => [{ create: { _id: keyOf(document) } }, document]);
    const { errors } = await client.bulk({ index: unknowns, operations, refresh: true });
    if (errors) throw new ElasticsearchItemError(503, 'bulk', 'not every unknown face was kept');
  }

  /** How many there were. Found first, then deleted by their ids: what comes meanwhile is not among them. */
  async function removeWhere(query: estypes.QueryDslQueryContainer): Promise<number> {
    for (let deleted = 0; ; ) {
      const found = await page(query, batch);
      if (found.length === 0) return deleted;
      const operations = found.map(document => ({ delete: { _id: keyOf(document) } }));
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
      await add(
        faces.map(({ vector, ...face }) => ({
          ...face,
          id: randomUUID(),
          index: gallery.index,
          vector: toBase64(vector),
        })),
      );
      const { count } = await client.count({ index: unknowns, query: of(gallery) });
      for (let beyond = count - most; beyond > 0; beyond -= batch) {
        const oldest = await page(of(gallery), Math.min(beyond, batch));
        await removeWhere(of(gallery, { terms: { id: oldest.map(({ id }) => id) } }));
      }
    },
    /** Those that were seen at `since` or later; without it all of them. */
    async list({ index }: Pick<KnownIndex, 'index'>, since = ''): Promise<UnknownFace[]> {
      return (await Array.fromAsync(pages(of({ index }, { range: { seen: { gte: since } } })))).flat().map(toUnknown);
    },
    /** When the oldest was seen; null where there is none. */
    oldest: async (gallery: KnownIndex): Promise<string | null> => (await page(of(gallery), 1))[0]?.seen ?? null,
    /** Makes `to` have those of `from`, with their vectors turned; how many these are. They stay where they are, too. */
    async copy(from: string, to: string, turn: (vector: Float32Array) => Float32Array): Promise<number> {
      // Whoever has begun it and was killed has left some.
      await removeWhere(of({ index: to }));
      let count = 0;
      for await (const documents of pages(of({ index: from }))) {
        await add(
          documents.map(({ vector, ...rest }) => ({ ...rest, vector: toBase64(turn(fromBase64(vector))), index: to })),
        );
        count += documents.length;
      }
      return count;
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

/** A face keeps its id where it is copied to another index of the gallery. */
function keyOf({ index, id }: UnknownDocument): string {
  return `${index}/${id}`;
}

function toBase64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function fromBase64(text: string): Float32Array {
  // A copy: small buffers are views of a shared one, at any place.
  return toFloat32Array(new Uint8Array(Buffer.from(text, 'base64')));
}

function toUnknown({ id, vector, detector, seen }: UnknownDocument): UnknownFace {
  return { id, vector: fromBase64(vector), detector, seen };
}
