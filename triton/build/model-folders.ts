import path from 'node:path';
import type { KnownModel } from './registry/known-model.ts';

/** Where models and what belongs to them lie on this machine. */
export type ModelFolders = {
  /** `triton.model_repository`: what Triton serves. */
  readonly repository: string;
  /** `detector.model_dir`: the detector's nets, never in Triton's repository. */
  readonly detectorModelDir: string;
  /** Measured calibrations, one file per embedder. */
  readonly calibrationDir: string;
};

/** The folder that an installed model has for itself. */
export function modelDir(model: KnownModel, folders: ModelFolders): string {
  return path.join(model.kind === 'embedder' ? folders.repository : folders.detectorModelDir, model.name);
}
