import { type CropName, cropSpecs } from '../triton/core/crop-spec.ts';
import type { Job } from '../triton/onnx-pool/job.ts';
import { cutCrops } from './core/cut-crops.ts';
import type { DetectedFace } from './core/detected-face.ts';
import { largestFirst } from './core/largest-first.ts';
import type { RgbImage } from './core/rgb-image.ts';
import { createDetector } from './create-detector.ts';
import type { DetectOptions, Detector, DetectorName } from './detector.ts';

export type DetectInput = {
  readonly detector: DetectorName;
  readonly modelDir: string;
  /** Its bytes lie in a buffer that is handed over and comes back. */
  readonly image: RgbImage & { readonly data: Uint8Array<ArrayBuffer> };
  readonly options: DetectOptions;
  readonly maxFaces: number;
  readonly crop: CropName | null;
};

export type DetectOutput = {
  /** Largest first, in the pixels of the image that was handed over. */
  readonly faces: readonly DetectedFace[];
  /** UINT8 [n, 3, s, s] in the order of `faces`; null when no crop was asked for. */
  readonly crops: Uint8Array | null;
  /** Where the image was. */
  readonly buffer: ArrayBuffer;
  readonly detectSeconds: number;
  readonly alignSeconds: number;
};

/** One detector a worker and model, for the memory that it keeps. */
const detectors = new Map<string, Detector>();

function detectorOf({ detector: name, modelDir }: DetectInput): Detector {
  const key = `${name} ${modelDir}`;
  const detector = detectors.get(key) ?? createDetector(name, modelDir);
  detectors.set(key, detector);
  return detector;
}

/** Everything between pixels and crops, in a worker thread of the pool. */
const detectFaces: Job<DetectInput, DetectOutput> = async (input, context) => {
  const { image, options, crop } = input;
  const begun = performance.now();
  const faces = largestFirst(await detectorOf(input).detect(image, options, context), input.maxFaces);
  const detected = performance.now();
  const crops = crop === null ? null : cutCrops(image, faces, cropSpecs[crop]);
  const detectSeconds = (detected - begun) / 1000;
  const alignSeconds = (performance.now() - detected) / 1000;
  const { buffer } = image.data;
  return {
    output: { faces, crops, buffer, detectSeconds, alignSeconds },
    transfer: crops === null ? [buffer] : [buffer, crops.buffer],
  };
};

export default detectFaces;
