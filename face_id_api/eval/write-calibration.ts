import { writeFileAtomically } from '../../triton/build/write-file-atomically.ts';
import { type CalibrationFile, calibrationPath, readCalibration } from '../../triton/calibration-file.ts';
import type { Calibration, ModelCard } from '../../triton/card.ts';
import type { OpenSet } from '../../triton/open-set.ts';
import { EvaluationError } from './evaluation-error.ts';

/**
 * Puts a calibration into `<dir>/<model>.json`, in place of one for the same detector, whose open-set figures stay; those of another
 * fingerprint are dropped. Returns the file's path. Throws ModelError INVALID_FILE where the file is there and is not a calibration.
 */
export async function writeCalibration(dir: string, card: ModelCard, calibration: Calibration): Promise<string> {
  const kept = (await readCalibration(dir, card.name, card.fingerprint)) ?? [];
  const before = kept.find(({ detector }) => detector === calibration.detector);
  return write(dir, card, kept, { ...calibration, open_set: before?.open_set ?? null });
}

/**
 * Puts open-set figures beside the calibration for the same detector. Returns and throws as `writeCalibration`.
 * @throws EvaluationError where there is no such calibration
 */
export async function writeOpenSet(dir: string, card: ModelCard, detector: string, openSet: OpenSet): Promise<string> {
  const { kept, calibration } = await readMeasured(dir, card, detector);
  return write(dir, card, kept, { ...calibration, open_set: openSet });
}

/**
 * What is kept in `dir` about a model, and its calibration behind a detector.
 * @throws EvaluationError where there is no such calibration
 */
export async function readMeasured(
  dir: string,
  card: Pick<ModelCard, 'name' | 'fingerprint'>,
  detector: string,
): Promise<{ readonly kept: readonly Calibration[]; readonly calibration: Calibration }> {
  const kept = (await readCalibration(dir, card.name, card.fingerprint)) ?? [];
  const calibration = kept.find(entry => entry.detector === detector);
  if (calibration !== undefined) return { kept, calibration };
  throw new EvaluationError(
    `${calibrationPath(dir, card.name)}: expected a calibration of this very model behind ${detector}, got none. ` +
      'Run `npm run eval -- --data DIR --write` first',
  );
}

async function write(dir: string, card: ModelCard, kept: readonly Calibration[], entry: Calibration): Promise<string> {
  const all = [...kept.filter(({ detector }) => detector !== entry.detector), entry];
  const content: CalibrationFile = {
    model: card.name,
    fingerprint: card.fingerprint,
    calibration: all.sort((a, b) => a.detector.localeCompare(b.detector)),
  };
  const file = calibrationPath(dir, card.name);
  await writeFileAtomically(file, `${JSON.stringify(content, null, 2)}\n`);
  return file;
}
