import type { Client } from '@elastic/elasticsearch';
import { besideOf } from './beside-name.ts';
import { type IdentityDocument, idOf } from './elasticsearch-documents.ts';
import type { ElasticsearchIndexes, KnownIndex } from './elasticsearch-indexes.ts';
import { expectInStep, galleryNotFound, needsSwitch } from './gallery-rules.ts';
import type { BesideLag } from './store.ts';

/** What is compared of an identity. */
type Listed = Pick<IdentityDocument, 'key' | 'updated'> & {
  /** Absent without any. */
  readonly templates?: readonly { readonly id: string }[];
};

const listedAtOnce = 500;
const nobody: BesideLag = { missing: 0, changed: 0, bare: 0, gone: [] };

/** Comparing and exchanging a gallery's index and the one beside it. */
export function createElasticsearchBeside(client: Client, indexes: ElasticsearchIndexes) {
  async function findBoth(name: string): Promise<[KnownIndex, KnownIndex]> {
    const [main, beside] = [await indexes.find(name), await indexes.find(besideOf(name))];
    if (main === null || beside === null) throw galleryNotFound();
    return [main, beside];
  }

  async function* list({ index }: KnownIndex): AsyncGenerator<Listed> {
    for (let after: string | null = null; ; ) {
      const { hits } = await client.search<Listed>({
        index,
        size: listedAtOnce,
        query: { term: { live: true } },
        sort: [{ key: 'asc' }],
        ...(after !== null && { search_after: [after] }),
        _source: ['key', 'updated', 'templates.id'],
        track_total_hits: false,
      });
      const found: Listed[] = hits.hits.flatMap(({ _source }) => _source ?? []);
      yield* found;
      after = found.at(-1)?.key ?? null;
      if (after === null || found.length < listedAtOnce) return;
    }
  }

  /** Both are in the order of their keys, so that each is read once. */
  async function compare(main: KnownIndex, beside: KnownIndex): Promise<BesideLag> {
    await client.indices.refresh({ index: [main.index, beside.index] });
    let lag = nobody;
    const [mains, besides] = [list(main), list(beside)];
    let [a, b] = [await mains.next(), await besides.next()];
    while (!a.done || !b.done) {
      const isAhead = !b.done && (a.done || b.value.key < a.value.key);
      const isMissing = !a.done && (b.done || a.value.key < b.value.key);
      if (isAhead) lag = { ...lag, gone: [...lag.gone, idOf(b.value!.key)] };
      else if (isMissing) lag = { ...lag, missing: lag.missing + 1 };
      else lag = compareOne(lag, a.value!, b.value!);
      if (!isAhead) a = await mains.next();
      if (!isMissing) b = await besides.next();
    }
    return lag;
  }

  return {
    compare: async (name: string): Promise<BesideLag> => compare(...(await findBoth(name))),
    async exchange(name: string, to: string, evenIfBehind: boolean): Promise<void> {
      const [main, beside] = await findBoth(name);
      if (!needsSwitch(main.model, beside.model, to)) return;
      if (!evenIfBehind) expectInStep(await compare(main, beside));
      await indexes.exchange(main, beside);
      if (evenIfBehind) return;
      try {
        // What was written while they were compared: from here on nobody writes into either under its old name.
        expectInStep(await compare(main, beside));
      } catch (error) {
        await indexes.exchange({ ...main, name: beside.name }, { ...beside, name: main.name });
        throw error;
      }
    },
  };
}

function compareOne(lag: BesideLag, main: Listed, beside: Listed): BesideLag {
  const [templates, besides] = [main.templates ?? [], beside.templates ?? []];
  const known = new Set(templates.map(({ id }) => id));
  return {
    missing: lag.missing,
    changed: lag.changed + (main.updated === beside.updated ? 0 : 1),
    bare: lag.bare + (templates.length > 0 && besides.length === 0 ? 1 : 0),
    gone: besides.every(({ id }) => known.has(id)) ? lag.gone : [...lag.gone, idOf(main.key)],
  };
}
