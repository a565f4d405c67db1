import type { MessagePort } from 'node:worker_threads';
import { type CropName, cropSpecs } from '../triton/core/crop-spec.ts';
import type { Job, JobContext } from '../triton/onnx-pool/job.ts';
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
  /** Handed over: ends of channels to threads that run `help-job.ts` for this photo. */
  readonly helpers: readonly MessagePort[];
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
  const { image, crop } = input;
  const begun = performance.now();
  const faces = await detectWithHelp(input, context);
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

async function detectWithHelp(input: DetectInput, context: JobContext): Promise<DetectedFace[]> {
  const { image, options, maxFaces, helpers } = input;
  try {
    return largestFirst(await detectorOf(input).detect(image, options, { ...context, helpers }), maxFaces);
  } finally {
    for (const port of helpers) port.close();
  }
}
