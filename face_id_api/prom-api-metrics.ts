import { Counter, Gauge, type Registry } from 'prom-client';
import { type FaceFinder, findStages } from '../detector/face-finder.ts';
import { createPhotoMetrics, type PhotoMetrics } from '../detector/prom-photo-metrics.ts';
import type { Verdict } from './core/decide.ts';
import type { Store } from './store/store.ts';

/** What the API's own stages spend their time on, behind the detector's. */
export type ApiStage = 'embed' | 'search' | 'decide';

export type ApiMetrics = PhotoMetrics<ApiStage> & {
  /** What was decided about the faces of one photo. */
  decided(verdicts: readonly Pick<Verdict, 'decision'>[]): void;
};

const decisions = ['match', 'unknown', 'ambiguous'] as const;

/** The API's metrics, in a registry of their own. Who was seen or enrolled is in none of them. */
export function createApiMetrics(deps: {
  readonly finder: Pick<FaceFinder, 'waiting'>;
  readonly store: Pick<Store, 'size'>;
}): ApiMetrics {
  const photos = createPhotoMetrics<ApiStage>(deps.finder, [...findStages, 'embed', 'search', 'decide']);
  const decided = new Counter({
    name: 'face_id_decisions_total',
    help: 'Faces by what was decided about them.',
    labelNames: ['decision'],
    registers: [photos.registry],
  });
  for (const decision of decisions) decided.inc({ decision }, 0);
  addGallery(photos.registry, deps.store);
  return {
    ...photos,
    decided(verdicts) {
      for (const { decision } of verdicts) decided.inc({ decision });
    },
  };
}

function addGallery(registry: Registry, store: Pick<Store, 'size'>): void {
  for (const what of ['identities', 'templates'] as const) {
    new Gauge({
      name: `face_id_gallery_${what}`,
      help: `How many ${what} the gallery holds; NaN while the store does not answer.`,
      registers: [registry],
      async collect() {
        // A store that fails says so at /readyz; the other metrics are wanted then more than ever.
        const size = await store.size().catch(() => null);
        this.set(size?.[what] ?? Number.NaN);
      },
    });
  }
}
