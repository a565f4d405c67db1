import { Counter, Gauge, type Registry } from 'prom-client';
import { type FaceFinder, findStages } from '../detector/face-finder.ts';
import { createPhotoMetrics, type PhotoMetrics } from '../detector/prom-photo-metrics.ts';
import type { Verdict } from './core/decide.ts';
import type { SweepTally } from './retention/start-sweeper.ts';
import type { Store } from './store/store.ts';
import { type Refusal, refusalCodes, type Warning } from './take-face.ts';

/** What the API's own stages spend their time on, behind the detector's. */
export type ApiStage = 'embed' | 'search' | 'decide';

export type ApiMetrics = PhotoMetrics<ApiStage> & {
  /** What was decided about the faces of one photo. */
  decided(verdicts: readonly Pick<Verdict, 'decision'>[]): void;
  /** What was wrong with the images of an enrolment. */
  judged(images: { readonly refused: readonly Refusal[]; readonly warnings: readonly Warning[] }): void;
  /** Faces of one photo that an identity was not named for because somebody had rejected one like them. */
  rejected(faces: number): void;
  /** Unknown faces whose templates were kept. */
  kept(faces: number): void;
};

const decisions = ['match', 'unknown', 'ambiguous'] as const;

/** The API's metrics, in a registry of their own. Who was seen or enrolled is in none of them. */
export function createApiMetrics(deps: {
  readonly finder: Pick<FaceFinder, 'waiting'>;
  readonly store: Pick<Store, 'listGalleries' | 'recall'>;
  /** Absent where there is no sweeper. */
  readonly sweeps?: () => SweepTally;
}): ApiMetrics {
  const photos = createPhotoMetrics<ApiStage>(deps.finder, [...findStages, 'embed', 'search', 'decide']);
  const decided = new Counter({
    name: 'face_id_decisions_total',
    help: 'Faces by what was decided about them.',
    labelNames: ['decision'],
    registers: [photos.registry],
  });
  for (const decision of decisions) decided.inc({ decision }, 0);
  const judged = countFaults(photos.registry);
  const rejected = new Counter({
    name: 'face_id_rejected_faces_total',
    help: 'Faces that an identity was not named for, because they are like one that is known not to be it.',
    registers: [photos.registry],
  });
  const kept = new Counter({
    name: 'face_id_unknown_faces_kept_total',
    help: 'Faces that nobody was found for, and whose templates were kept.',
    registers: [photos.registry],
  });
  addGalleries(photos.registry, deps.store);
  addRecall(photos.registry, deps.store);
  if (deps.sweeps !== undefined) addSweeps(photos.registry, deps.sweeps);
  return {
    ...photos,
    decided(verdicts) {
      for (const { decision } of verdicts) decided.inc({ decision });
    },
    judged,
    rejected: faces => rejected.inc(faces),
    kept: faces => kept.inc(faces),
  };
}

/** An image with several reasons counts under each. */
function countFaults(registry: Registry): ApiMetrics['judged'] {
  const refusals = new Counter({
    name: 'face_id_enrolment_refusals_total',
    help: 'Images that were not enrolled, by the code of their refusal.',
    labelNames: ['code'],
    registers: [registry],
  });
  const faults = new Counter({
    name: 'face_id_enrolment_faults_total',
    help: 'Images to be enrolled that fell short, by each reason and by what the gate did.',
    labelNames: ['reason', 'outcome'],
    registers: [registry],
  });
  for (const code of refusalCodes) refusals.inc({ code }, 0);
  return ({ refused, warnings }) => {
    for (const { code } of refused) refusals.inc({ code });
    for (const [outcome, images] of [
      ['refused', refused],
      ['warned', warnings],
    ] as const) {
      for (const reason of images.flatMap(({ reasons = [] }) => reasons)) faults.inc({ reason, outcome });
    }
  };
}

function addGalleries(registry: Registry, store: Pick<Store, 'listGalleries'>): void {
  for (const what of ['identities', 'templates'] as const) {
    new Gauge({
      name: `face_id_gallery_${what}`,
      help: `How many ${what} all galleries hold together; NaN while the store does not answer.`,
      registers: [registry],
      async collect() {
        // A store that fails says so at /readyz; the other metrics are wanted then more than ever.
        const galleries = await store.listGalleries().catch(() => null);
        this.set(galleries?.reduce((sum, gallery) => sum + gallery[what], 0) ?? Number.NaN);
      },
    });
  }
}

/** recall@1 of the approximate search is the quotient of the two. */
function addRecall(registry: Registry, store: Pick<Store, 'recall'>): void {
  const help = {
    checked: 'Searches of an index that were repeated exactly.',
    found: 'Those of them that had found the nearest template.',
  };
  for (const what of ['checked', 'found'] as const) {
    addTotal(registry, { name: `face_id_search_recall_${what}_total`, help: help[what] }, () => store.recall()[what]);
  }
}

function addSweeps(registry: Registry, sweeps: () => SweepTally): void {
  const erased = { name: 'face_id_retention_erased_total', help: 'Identities that the sweeper erased.' };
  addTotal(registry, erased, () => sweeps().erased);
  new Gauge({
    name: 'face_id_retention_due',
    help: 'Identities that were due and still there at the end of the last sweep; NaN before it.',
    registers: [registry],
    collect() {
      this.set(sweeps().last?.due ?? Number.NaN);
    },
  });
  new Gauge({
    name: 'face_id_retention_last_sweep_timestamp_seconds',
    help: 'When the last sweep ended; NaN before it.',
    registers: [registry],
    collect() {
      this.set((sweeps().last?.ended.getTime() ?? Number.NaN) / 1000);
    },
  });
}

/** A counter of what is counted elsewhere. */
function addTotal(
  registry: Registry,
  about: { readonly name: string; readonly help: string },
  total: () => number,
): void {
  new Counter({
    ...about,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(total());
    },
  });
}
