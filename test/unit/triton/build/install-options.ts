import path from 'node:path';
import type { InstallOptions } from '../../../../triton/build/install-model.ts';
import { recordedProgress } from './recorded-progress.ts';
import { tinySources } from './tiny-model.ts';

/** Options of an installation that stays inside `folder`. */
export function optionsIn(folder: string, changes: Partial<InstallOptions> = {}): InstallOptions {
  return {
    repository: path.join(folder, 'models'),
    detectorModelDir: path.join(folder, 'detectors'),
    calibrationDir: path.join(folder, 'calibration'),
    mirrorCrop: true,
    commercialOnly: false,
    sources: tinySources(),
    progress: recordedProgress(),
    signal: new AbortController().signal,
    ...changes,
  };
}
