import path from 'node:path';
import { z } from 'zod';
import { type Calibration, calibrationSchema } from './card.ts';
import { readJsonFile } from './read-json-file.ts';

/** `data/calibration/<model>.json`: what `npm run eval` measured, and for which model exactly. */
export const calibrationFileSchema = z.strictObject({
  model: z.string(),
  /** Fingerprint of the model that was measured. Another model's scores mean something else. */
  fingerprint: z.string(),
  /** One entry per detector. */
  calibration: z.array(calibrationSchema),
});

export type CalibrationFile = z.infer<typeof calibrationFileSchema>;

/** Where the calibration of a model lies. */
export function calibrationPath(dir: string, model: string): string {
  return path.join(dir, `${model}.json`);
}

/**
 * The calibration of a model; null when there is none, or none for this fingerprint.
 * Throws INVALID_FILE, with its path, when the file is not what it should be.
 */
export async function readCalibration(
  dir: string,
  model: string,
  fingerprint: string,
): Promise<readonly Calibration[] | null> {
  const file = await readJsonFile(calibrationPath(dir, model), 'a calibration', calibrationFileSchema);
  return file?.model === model && file.fingerprint === fingerprint ? file.calibration : null;
}
