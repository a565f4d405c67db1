import { Counter, exponentialBuckets, Gauge, Histogram, Registry } from 'prom-client';
import { type FaceFinder, type FindStage, type FoundFaces, findStages } from './face-finder.ts';

export type PhotoMetrics<Stage extends string> = {
  /** Everything that is counted, for more metrics and for showing it. */
  readonly registry: Registry;
  took(stage: Stage | FindStage, seconds: number): void;
  /** The faces of one photo, and where the time went. */
  found(faces: FoundFaces): void;
};

/** Time by stage, faces and queues of a service that looks at photos, in a registry of its own. */
export function createPhotoMetrics<Stage extends string>(
  finder: Pick<FaceFinder, 'waiting'>,
  stages: readonly (Stage | FindStage)[],
): PhotoMetrics<Stage> {
  const registry = new Registry();
  const registers = [registry];
  const seconds = new Histogram({
    name: 'face_id_stage_seconds',
    help: 'Time that one photo spends in each stage.',
    labelNames: ['stage'],
    buckets: exponentialBuckets(0.0005, 2, 16),
    registers,
  });
  for (const stage of stages) seconds.zero({ stage });
  const faces = new Counter({ name: 'face_id_faces_total', help: 'Faces that were found.', registers });
  if (finder.waiting !== undefined) {
    new Gauge({
      name: 'face_id_queue_depth',
      help: 'Photos that wait to be decoded, and jobs that wait for a worker thread.',
      labelNames: ['queue'],
      registers,
      collect() {
        const { photos, jobs } = finder.waiting?.() ?? { photos: 0, jobs: 0 };
        this.set({ queue: 'photos' }, photos);
        this.set({ queue: 'jobs' }, jobs);
      },
    });
  }
  const took = (stage: Stage | FindStage, value: number): void => seconds.observe({ stage }, value);
  return {
    registry,
    took,
    found({ faces: found, seconds: spent }) {
      faces.inc(found.length);
      for (const stage of findStages) {
        const value = spent?.[stage];
        if (value !== undefined) took(stage, value);
      }
    },
  };
}
