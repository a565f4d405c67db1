import type { Client, estypes } from '@elastic/elasticsearch';
import type { KnownIndex } from './elasticsearch-indexes.ts';
import type { Erased, GallerySummary } from './store.ts';

export async function describeIndex(client: Client, known: KnownIndex): Promise<GallerySummary> {
  const { index, name, kind, model, created } = known;
  const { hits, aggregations } = await client.search<unknown, { templates: estypes.AggregationsSumAggregate }>({
    index,
    size: 0,
    track_total_hits: true,
    query: { term: { live: true } },
    aggs: { templates: { sum: { field: 'template_count' } } },
  });
  const identities = typeof hits.total === 'number' ? hits.total : (hits.total?.value ?? 0);
  return { name, kind, model, created, identities, templates: aggregations?.templates.value ?? 0 };
}

export async function countRejections(client: Client, { index }: KnownIndex): Promise<number> {
  const { aggregations } = await client.search<unknown, { count: estypes.AggregationsSumAggregate }>({
    index,
    size: 0,
    aggs: { count: { sum: { field: 'rejection_count' } } },
  });
  return aggregations?.count.value ?? 0;
}

/** Lucene marks deleted documents, and lets go of their bytes when it writes their segment anew. */
export function placesOf(templates: number, rejections = 0): Erased['places'] {
  return [
    { place: 'Elasticsearch', templates },
    { place: 'Elasticsearch, bytes of deleted documents until their segments are merged', templates },
    ...(rejections === 0 ? [] : [{ place: 'rejected faces in Elasticsearch', templates: rejections }]),
  ];
}
