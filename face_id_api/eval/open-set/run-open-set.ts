import path from 'node:path';
import Table from 'cli-table3';
import { degradePhoto, type PhotoFault, photoFaults } from '../../../detector/degrade-photo.ts';
import type { OpenSet } from '../../../triton/open-set.ts';
import type { CountProgress } from '../../count-progress.ts';
import type { Searches } from '../core/open-set-rates.ts';
import type { EmbedPhotosOptions } from '../embed-photos.ts';
import { faultHead, faultRows, openSetRows, pointHead, pointRows } from '../report/open-set-rows.ts';
import { writeOpenSetReport } from '../report/write-open-set-report.ts';
import type { EvalRun } from '../to-calibration.ts';
import { hardestSearches } from './hardest-searches.ts';
import { measureOpenSet, type OpenSetInput, type OpenSetMeasurement } from './measure-open-set.ts';
import { checkNobodyTwice, type OpenSetPhotos, readOpenSet } from './open-set-photos.ts';
import { countPhotos, enrolOpenSet, searchOpenSet, withSample } from './search-open-set.ts';
import { toOpenSet } from './to-open-set.ts';

export type OpenSetOptions = Pick<EmbedPhotosOptions, 'finder' | 'embedder' | 'crop' | 'signal'> &
  Pick<OpenSetInput, 'calibrated'> & {
    /** A folder in LFW's layout with gallery.txt. */
    readonly data: string;
    /** The report goes to `<outDir>/<embedder>-<detector>`. */
    readonly outDir: string;
    /** Whether the searches are made with every fault as well. */
    readonly withFaults: boolean;
    /** How a fault is added to a photo; by default `degradePhoto`. */
    readonly degrade?: Degrade;
    readonly run: EvalRun;
    readonly progress: CountProgress;
    readonly print: (line: string) => void;
  };

type Degrade = (image: Uint8Array, fault: PhotoFault) => Promise<Uint8Array>;

/** The searches that are judged worst: so many of each kind are shown. */
const shownSearches = 8;

/**
 * Measures identification in an open set: some people enrolled, searches for them and for strangers, with and without faults in the photos.
 * Writes a report with charts and returns what a card keeps.
 * @throws EvaluationError where the folder does not hold what is needed, or a photo that was enrolled is searched for
 */
export async function runOpenSet(options: OpenSetOptions): Promise<OpenSet> {
  const { run, calibrated, print, signal, degrade = degradePhoto } = options;
  const photos = await readOpenSet(options.data);
  await checkNobodyTwice(photos, signal);
  const { enrolment, clean, faulty } = await searchEverybody(photos, { ...options, degrade });
  const { gallery, enrolledPhotos } = enrolment;
  const measurement = measureOpenSet({ gallery, enrolledPhotos, clean: clean.searches, faulty, calibrated });
  printSummary(measurement, run, print);
  const dir = path.join(options.outDir, `${run.embedder}-${run.detector}`);
  await writeOpenSetReport(dir, {
    measurement,
    run,
    hardest: hardestSearches(photos, gallery, clean.embeddings, shownSearches),
    failed: [...enrolment.failed, ...clean.failed],
    root: photos.root,
    example: photos.people[0]!.probes[0]!,
    degrade,
  });
  print(`Report with charts: ${path.join(dir, 'open-set.md')}`);
  return toOpenSet(measurement, run);
}

async function searchEverybody(photos: OpenSetPhotos, options: OpenSetOptions & { readonly degrade: Degrade }) {
  const { progress, withFaults, degrade } = options;
  const sample = withSample(photos);
  const faults = withFaults ? photoFaults : [];
  const { enrolled, probes } = countPhotos(photos);
  const engine = { ...options, onPhoto: () => progress.step() };
  progress.start(enrolled + probes + faults.length * countPhotos(sample).probes);
  try {
    const enrolment = await enrolOpenSet(photos, engine);
    const clean = await searchOpenSet(photos, enrolment.gallery, engine);
    const faulty: { fault: PhotoFault; searches: Searches }[] = [];
    for (const fault of faults) {
      const prepare = (image: Uint8Array): Promise<Uint8Array> => degrade(image, fault);
      const { searches } = await searchOpenSet(sample, enrolment.gallery, { ...engine, prepare });
      faulty.push({ fault, searches });
    }
    return { enrolment, clean, faulty };
  } finally {
    progress.done();
  }
}

function printSummary(measurement: OpenSetMeasurement, run: EvalRun, print: (line: string) => void): void {
  const style = { head: [], border: [] };
  const points = new Table({ head: [...pointHead], style });
  points.push(...pointRows(measurement));
  const figures = new Table({ style });
  figures.push(...openSetRows(measurement));
  print(`${run.embedder} behind ${run.detector}, open set`);
  print(points.toString());
  print(figures.toString());
  if (measurement.faults.length === 0) return;
  const faults = new Table({ head: [...faultHead], style });
  faults.push(...faultRows(measurement));
  print(faults.toString());
}
