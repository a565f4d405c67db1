import { writeFileAtomically } from '../../triton/build/write-file-atomically.ts';
import { type CalibrationFile, calibrationPath, readCalibration } from '../../triton/calibration-file.ts';
import type { Calibration, ModelCard } from '../../triton/card.ts';

/**
 * Puts a calibration into `<dir>/<model>.json`, in place of one for the same detector; those of another fingerprint are dropped.
 * Returns the file's path. Throws ModelError INVALID_FILE where the file is there and is not a calibration.
 */
export async function writeCalibration(dir: string, card: ModelCard, calibration: Calibration): Promise<string> {
  const kept = (await readCalibration(dir, card.name, card.fingerprint)) ?? [];
  const all = [...kept.filter(({ detector }) => detector !== calibration.detector), calibration];
  const content: CalibrationFile = {
    model: card.name,
    fingerprint: card.fingerprint,
    calibration: all.sort((a, b) => a.detector.localeCompare(b.detector)),
  };
  const file = calibrationPath(dir, card.name);
  await writeFileAtomically(file, `${JSON.stringify(content, null, 2)}\n`);
  return file;
}
