import type { IdentifyDeps } from './identify.ts';
import type { ApiMetrics, ApiStage } from './prom-api-metrics.ts';

/**
 * The same dependencies, measured: every photo's stages and faces are counted, whichever route asks, and what is asked elsewhere
 * carries the id of the request that it is asked for.
 */
export function observeDeps<Deps extends IdentifyDeps>(
  deps: Deps,
  metrics: ApiMetrics,
  requestId: () => string | undefined,
): Deps & { readonly metrics: ApiMetrics } {
  const { finder, embedder, store } = deps;

  async function timed<T>(stage: ApiStage, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await work();
    metrics.took(stage, (performance.now() - begun) / 1000);
    return result;
  }

  return {
    ...deps,
    metrics,
    finder: {
      ...finder,
      async find(image, request, options) {
        const found = await finder.find(image, request, { ...options, requestId: requestId() });
        metrics.found(found);
        return found;
      },
    },
    embedder: {
      ...embedder,
      async embed(crops, count, limits) {
        const work = () => embedder.embed(crops, count, { ...limits, requestId: requestId() });
        return count === 0 ? await work() : await timed('embed', work);
      },
    },
    store: {
      ...store,
      gallery(name) {
        const gallery = store.gallery(name);
        return {
          ...gallery,
          async search(probes, options) {
            const work = () => gallery.search(probes, options);
            return probes.length === 0 ? await work() : await timed('search', work);
          },
        };
      },
    },
  };
}
