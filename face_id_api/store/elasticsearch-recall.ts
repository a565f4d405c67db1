import type { Client } from '@elastic/elasticsearch';
import { sliceCount } from './elasticsearch-documents.ts';
import { translateElasticsearchError } from './elasticsearch-error.ts';
import type { KnownIndex } from './elasticsearch-indexes.ts';
import { searchSlices } from './elasticsearch-search.ts';
import { createRecallTally } from './recall-tally.ts';

export type ElasticsearchRecallOptions = {
  readonly client: Client;
  /** One of so many searches is repeated. */
  readonly every: number;
  readonly warn: (fields: object, message: string) => void;
};

/** Half of what is searched exactly, because slices are of chance sizes. */
const templatesAtOnce = 5000;

/**
 * Repeats a share of the searches exactly, one at a time and beside everything else: a filter that lets through fewer templates than
 * are looked at makes Elasticsearch compare all of them, so that a gallery is walked through in slices. What is added or erased
 * meanwhile may count as missed.
 */
export function createElasticsearchRecall({ client, every, warn }: ElasticsearchRecallOptions) {
  const tally = createRecallTally(warn);
  let offered = 0;
  let isClosed = false;
  let running: Promise<void> | null = null;

  async function repeat(index: KnownIndex, probe: Float32Array, found: number | null): Promise<void> {
    const { aggregations } = await client.search<unknown, { templates: { value: number } }>({
      index: index.index,
      size: 0,
      aggs: { templates: { sum: { field: 'template_count' } } },
    });
    const parts = Math.min(sliceCount, Math.ceil((aggregations?.templates.value ?? 0) / templatesAtOnce));
    let best = Number.NEGATIVE_INFINITY;
    for (let part = 0; part < parts && !isClosed; part++) {
      const slices = [Math.floor((part * sliceCount) / parts), Math.floor(((part + 1) * sliceCount) / parts)] as const;
      best = Math.max(best, (await searchSlices(client, index, probe, slices)) ?? best);
    }
    if (!isClosed) tally.add(found ?? Number.NEGATIVE_INFINITY, best);
  }

  return {
    /** What a search has found: the best score, null for nothing. One is repeated at a time, others meanwhile are not. */
    offer(index: KnownIndex, probe: Float32Array, score: number | null): void {
      offered += 1;
      if (offered % every !== 0 || running !== null || isClosed) return;
      running = repeat(index, probe.slice(), score)
        .catch(error => warn({ err: translateElasticsearchError(error) }, 'a search could not be repeated'))
        .finally(() => {
          running = null;
        });
    },
    counts: tally.counts,
    async close(): Promise<void> {
      isClosed = true;
      await running;
    },
  };
}
