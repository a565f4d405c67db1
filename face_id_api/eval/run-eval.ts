import { existsSync } from 'node:fs';
import path from 'node:path';
import Table from 'cli-table3';
import type { Calibration } from '../../triton/card.ts';
import { type EmbedPhotosOptions, embedPhotos } from './embed-photos.ts';
import { hardestPairs } from './hardest-pairs.ts';
import { checkNobodyInBoth, imagesFolder, type PairList, photosOf, readPairs } from './lfw-folder.ts';
import { type Measurement, measure } from './measure.ts';
import { summaryRows, thresholdHead, thresholdRows } from './report/summary-rows.ts';
import { writeReport } from './report/write-report.ts';
import { type EvalRun, toCalibration } from './to-calibration.ts';

export type EvalOptions = Omit<EmbedPhotosOptions, 'root' | 'onPhoto'> & {
  /** A folder in LFW's layout: `images/<person>/<person>_0001.jpg` (or without `images`) and the lists of pairs. */
  readonly data: string;
  /** Name of the list in `data` that thresholds are taken from. */
  readonly pairs: string;
  /** Name of the list that they are tested on; null: LFW's own where `pairs` is LFW's, otherwise none. */
  readonly test: string | null;
  /** The report goes to `<outDir>/<embedder>-<detector>`. */
  readonly outDir: string;
  readonly run: EvalRun;
  readonly progress: { start(total: number): void; step(): void; done(): void };
  readonly print: (line: string) => void;
};

/** How many pairs of each kind the report shows. */
const shownPairs = 8;

/**
 * Measures an embedder behind a detector on labelled pairs: thresholds at false-match rates, the score's probability, accuracy. Writes
 * a report with charts and returns what a card keeps.
 * @throws EvaluationError where the folder does not hold what the lists name, or a person is in both lists
 */
export async function runEval(options: EvalOptions): Promise<Calibration> {
  const { data, run, progress, print } = options;
  const train = await readPairs(path.join(data, options.pairs));
  const test = await readTestList(options);
  if (test) checkNobodyInBoth(train, test);
  const root = await imagesFolder(data);

  const photos = photosOf(test ? [train, test] : [train]);
  progress.start(photos.length);
  const { embeddings, failed } = await embedPhotos(photos, {
    ...options,
    root,
    onPhoto: () => progress.step(),
  }).finally(() => progress.done());

  const measurement = measure(train, test, embeddings);
  printSummary(measurement, run, print);
  const dir = path.join(options.outDir, `${run.embedder}-${run.detector}`);
  await writeReport(dir, {
    measurement,
    run,
    hardest: hardestPairs(train, measurement.impostors, embeddings, shownPairs),
    failed,
    imagesFrom: path.relative(dir, root).replaceAll(path.sep, '/'),
  });
  print(`Report with charts: ${path.join(dir, 'report.md')}`);
  return toCalibration(measurement, run);
}

async function readTestList({ data, pairs, test }: EvalOptions): Promise<PairList | null> {
  if (test !== null) return readPairs(path.join(data, test));
  const own = path.join(data, 'pairsDevTest.txt');
  return pairs === 'pairsDevTrain.txt' && existsSync(own) ? readPairs(own) : null;
}

function printSummary(measurement: Measurement, run: EvalRun, print: (line: string) => void): void {
  const thresholds = new Table({ head: [...thresholdHead], style: { head: [], border: [] } });
  thresholds.push(...thresholdRows(measurement));
  const figures = new Table({ style: { head: [], border: [] } });
  figures.push(...summaryRows(measurement));
  print(`${run.embedder} behind ${run.detector}`);
  print(thresholds.toString());
  print(figures.toString());
}
