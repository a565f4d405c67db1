import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DetectorName } from '../../../detector/detector.ts';
import { installModel } from '../../../triton/build/install-model.ts';
import { silentProgress } from '../../../triton/build/progress.ts';
import { findKnownModel } from '../../../triton/build/registry/known-models.ts';
import { createSources } from '../../../triton/build/sources/create-sources.ts';

const mirror = fileURLToPath(new URL('../../../../shared/models', import.meta.url));

/** Why this detector cannot be tested here; null when it can. Tests fetch nothing over the network. */
export function missingWeights(name: DetectorName): string | null {
  const file = { mtcnn: 'facenet-pytorch/pnet.pt', yunet: 'yunet/yunet_n_dynamic.onnx', ssd_mobilenetv1: null }[name];
  if (file === null || existsSync(path.join(mirror, file))) return null;
  return `skipped: the weights of ${name} are not in ../shared/models`;
}

export type InstalledForTest = { readonly dir: string; remove(): Promise<void> };

/** Builds the detector's nets into a folder of the test's own. */
export async function installForTest(name: DetectorName): Promise<InstalledForTest> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'face-id-detector-'));
  const { dir } = await installModel(findKnownModel(name), {
    repository: path.join(root, 'triton'),
    detectorModelDir: path.join(root, 'detector'),
    calibrationDir: path.join(root, 'calibration'),
    mirrorCrop: true,
    commercialOnly: false,
    sources: createSources({ mirror: existsSync(mirror) ? mirror : null }),
    progress: silentProgress,
    signal: new AbortController().signal,
  });
  return { dir, remove: () => rm(root, { recursive: true }) };
}
