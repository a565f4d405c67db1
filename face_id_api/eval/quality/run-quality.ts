import path from 'node:path';
import Table from 'cli-table3';
import { degradePhoto, type PhotoFault, photoFaults } from '../../../detector/degrade-photo.ts';
import { cropSpecs } from '../../../triton/core/crop-spec.ts';
import { type FaceQuality, measureQuality } from '../../core/measure-quality.ts';
import type { CountProgress } from '../../count-progress.ts';
import { isMissed } from '../core/open-set-rates.ts';
import type { EmbeddedFace, EmbedPhotosOptions } from '../embed-photos.ts';
import { checkNobodyTwice, type OpenSetPhotos, readOpenSet } from '../open-set/open-set-photos.ts';
import { countPhotos, enrolOpenSet, searchOpenSet } from '../open-set/search-open-set.ts';
import { measureHead, measureRows, qualitySubject } from '../report/quality-rows.ts';
import { writeQualityReport } from '../report/write-quality-report.ts';
import type { EvalRun } from '../to-calibration.ts';
import { judgeMeasures, type QualityProbe } from './judge-measures.ts';

export type QualityOptions = Pick<EmbedPhotosOptions, 'finder' | 'embedder' | 'crop' | 'signal'> & {
  /** A folder in LFW's layout with gallery.txt. */
  readonly data: string;
  /** The report goes to `<outDir>/<embedder>-<detector>`. */
  readonly outDir: string;
  /** From which on the service says that it is somebody, and the false-match rate that it was measured for. */
  readonly applied: { readonly fmr: number; readonly threshold: number };
  /** How a fault is added to a photo; by default `degradePhoto`. */
  readonly degrade?: (image: Uint8Array, fault: PhotoFault) => Promise<Uint8Array>;
  readonly run: EvalRun;
  readonly progress: CountProgress;
  readonly print: (line: string) => void;
};

/**
 * Measures whether the measures of a photo's quality foretell that recognition fails: those in gallery.txt are enrolled, and searched for
 * with their other photos, as they are and with each fault. Writes error-versus-discard curves.
 * @throws EvaluationError as `runOpenSet`
 */
export async function runQuality(options: QualityOptions): Promise<void> {
  const { data, run, applied, print, signal } = options;
  const photos = await readOpenSet(data);
  await checkNobodyTwice(photos, signal);
  const { probes, failed } = await lookAtProbes({ ...photos, strangers: [] }, options);
  const judged = judgeMeasures(probes);
  const subject = { failed, applied };
  print(`${run.embedder} behind ${run.detector}: ${qualitySubject(judged, subject)}`);
  const table = new Table({ head: [...measureHead], style: { head: [], border: [] } });
  table.push(...measureRows(judged));
  print(table.toString());
  const dir = path.join(options.outDir, `${run.embedder}-${run.detector}`);
  await writeQualityReport(dir, { judged, subject, run });
  print(`Report with its chart: ${path.join(dir, 'quality.md')}`);
}

async function lookAtProbes(photos: OpenSetPhotos, options: QualityOptions) {
  const { progress, crop, applied, degrade = degradePhoto } = options;
  const spec = cropSpecs[crop];
  const { enrolled, probes: count } = countPhotos(photos);
  const names = photos.people.flatMap(person => person.probes);
  const probes: QualityProbe[] = [];
  let failed = 0;
  const engine = { ...options, onPhoto: () => progress.step() };
  progress.start(enrolled + (photoFaults.length + 1) * count);
  try {
    const { gallery } = await enrolOpenSet(photos, engine);
    for (const fault of [null, ...photoFaults]) {
      const qualities = new Map<string, FaceQuality>();
      const onFace = (photo: string, { face, crop: pixels, image }: EmbeddedFace): void => {
        qualities.set(photo, measureQuality(face, { pixels, spec, photo: image }));
      };
      const prepare = fault === null ? {} : { prepare: (image: Uint8Array) => degrade(image, fault) };
      const { searches } = await searchOpenSet(photos, gallery, { ...engine, ...prepare, onFace });
      for (const [index, search] of searches.mated.entries()) {
        const quality = qualities.get(names[index]!);
        if (quality === undefined || search.scores === null) failed++;
        else probes.push({ person: search.person, quality, isError: isMissed(search, applied.threshold) });
      }
    }
    return { probes, failed };
  } finally {
    progress.done();
  }
}
