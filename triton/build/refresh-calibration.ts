import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readCalibration } from '../calibration-file.ts';
import type { ModelCard } from '../card.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/**
 * Brings a newer measurement of this very model into its card. A measurement of another fingerprint, or none, leaves the
 * card as it is.
 */
export async function refreshCalibration(dir: string, card: ModelCard, calibrationDir: string): Promise<ModelCard> {
  const measured = await readCalibration(calibrationDir, card.name, card.fingerprint);
  if (measured === null || isDeepStrictEqual(measured, card.calibration)) return card;
  const refreshed: ModelCard = { ...card, calibration: [...measured] };
  await writeFileAtomically(path.join(dir, 'card.json'), `${JSON.stringify(refreshed, null, 2)}\n`);
  return refreshed;
}
