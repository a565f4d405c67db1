import path from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../read-json-file.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

const detectorChoice = z.strictObject({
  /** The detector that is used. */
  name: z.string().min(1),
  /** `detector.name` when it was chosen. Asking for another one there is a new decision. */
  wanted: z.string().min(1),
  reason: z.string(),
  /** When, ISO 8601. */
  at: z.iso.datetime(),
});

const choices = z.strictObject({ detector: detectorChoice });

/**
 * Which detector this installation uses, decided once. Calibration and enrolled templates belong to one detector, so a
 * source that is down today must not change it.
 */
export type DetectorChoice = z.infer<typeof detectorChoice>;

/** `<dataDir>/choices.json`; null when nothing has been chosen yet. Throws with the path when the file is not whole. */
export async function readDetectorChoice(dataDir: string): Promise<DetectorChoice | null> {
  return (await readJsonFile(choicesPath(dataDir), 'a record of choices', choices))?.detector ?? null;
}

export async function writeDetectorChoice(dataDir: string, choice: DetectorChoice): Promise<void> {
  await writeFileAtomically(choicesPath(dataDir), `${JSON.stringify({ detector: choice }, null, 2)}\n`);
}

export function choicesPath(dataDir: string): string {
  return path.join(dataDir, 'choices.json');
}
