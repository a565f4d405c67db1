import type { Job } from '../triton/onnx-pool/job.ts';
import { createDetector } from './create-detector.ts';
import type { DetectorName } from './detector.ts';

export type WarmUpInput = { readonly detector: DetectorName; readonly modelDir: string };

/** Looks for faces in a grey square, so that every session is loaded and has run once. Rejects when a net cannot be used. */
const warmUp: Job<WarmUpInput, null> = async ({ detector, modelDir }, context) => {
  const side = 64;
  const image = { width: side, height: side, data: new Uint8Array(3 * side * side).fill(128) };
  await createDetector(detector, modelDir).detect(image, { minFaceSize: 12, thresholds: [0, 0, 0] }, context);
  return { output: null };
};

export default warmUp;
