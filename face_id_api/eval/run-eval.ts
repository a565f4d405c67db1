import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Calibration, ModelCard } from '../../triton/card.ts';
import { bestAccuracy, fitLogisticCurve, thresholdAtFmr } from '../core/calibrate.ts';
import type { EmbedPhotosOptions } from './embed-photos.ts';
import { embedPhotos } from './embed-photos.ts';
import { readPairs } from './lfw-folder.ts';
import { scoreAllImpostors, scoreListedPairs } from './score-pairs.ts';

const rates = [0.01, 0.001, 0.0001];

export type EvalOptions = Omit<EmbedPhotosOptions, 'root' | 'onPhoto'> & {
  /** A folder in LFW's layout: `images/<person>/<person>_0001.jpg` and the pairs file. */
  readonly data: string;
  /** Name of the pairs file in `data`. */
  readonly pairs: string;
  readonly detector: string;
  readonly card: ModelCard;
  readonly progress: { start(total: number): void; step(): void; done(): void };
  readonly print: (line: string) => void;
};

/** Measures an embedder behind a detector on labelled pairs: thresholds at false-match rates and the score's probability. */
export async function runEval(options: EvalOptions): Promise<Calibration> {
  const { data, pairs: pairsName, detector, card, progress, print } = options;
  const pairs = await readPairs(path.join(data, pairsName));
  const photos = [...new Set(pairs.flatMap(({ first, second }) => [first, second]))];

  progress.start(photos.length);
  const { embeddings, withoutFace } = await embedPhotos(photos, {
    ...options,
    root: path.join(data, 'images'),
    onPhoto: () => progress.step(),
  });
  progress.done();

  const listed = scoreListedPairs(pairs, embeddings);
  const impostors = scoreAllImpostors(embeddings);
  const scores = { same: listed.same, different: impostors };
  const calibration: Calibration = {
    detector,
    method:
      `npm run eval -- --pairs ${pairsName}: ${embeddings.size} photos, ${withoutFace.length} without a face left out; ` +
      'thresholds from all pairs of different people, accuracy from the listed pairs',
    pairs: { same: listed.same.length, different: impostors.length },
    thresholds: rates.map(fmr => ({ fmr, threshold: thresholdAtFmr(impostors, fmr) })),
    curve: fitLogisticCurve(scores),
    accuracy: bestAccuracy(listed),
  };
  report(calibration, listed.same, card, withoutFace.length, print);
  return calibration;
}

function report(
  calibration: Calibration,
  same: Float32Array,
  card: ModelCard,
  withoutFace: number,
  print: (line: string) => void,
): void {
  const { detector, pairs, thresholds, accuracy, curve } = calibration;
  print(
    `${card.name} behind ${detector}: accuracy ${(100 * accuracy).toFixed(2)} % on the listed pairs (best threshold)`,
  );
  print(`  ${pairs.same} pairs of one person, ${pairs.different} of two; ${withoutFace} photos without a face`);
  for (const { fmr, threshold } of thresholds) {
    if (threshold === null) {
      print(`  FMR ${fmr}: too few errors to support it`);
      continue;
    }
    const missed = same.filter(score => score < threshold).length;
    print(`  FMR ${fmr}: cosine ${threshold.toFixed(4)}, FNMR ${((100 * missed) / same.length).toFixed(2)} %`);
  }
  print(`  P(same | score) = 1/2 at cosine ${(-curve.intercept / curve.slope).toFixed(4)}`);
}

/** Puts a calibration into `<dir>/<model>.json`, in place of one for the same detector; another fingerprint's are dropped. */
export async function writeCalibration(dir: string, card: ModelCard, calibration: Calibration): Promise<string> {
  const file = path.join(dir, `${card.name}.json`);
  const kept = await keptCalibrations(file, card.fingerprint, calibration.detector);
  const all = [...kept, calibration].sort((a, b) => a.detector.localeCompare(b.detector));
  const content = { model: card.name, fingerprint: card.fingerprint, calibration: all };
  await mkdir(dir, { recursive: true });
  await writeFile(`${file}.partial`, `${JSON.stringify(content, null, 2)}\n`);
  await rename(`${file}.partial`, file);
  return file;
}

async function keptCalibrations(file: string, fingerprint: string, detector: string): Promise<Calibration[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return [];
  }
  const old = JSON.parse(text) as { fingerprint: string; calibration: Calibration[] };
  return old.fingerprint === fingerprint ? old.calibration.filter(entry => entry.detector !== detector) : [];
}
