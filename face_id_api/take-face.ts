import { createHash } from 'node:crypto';
import { type ErrorCode, ServiceError } from '../detector/errors.ts';
import type { FoundFaces } from '../detector/face-finder.ts';
import { decodeBase64Image } from '../detector/http/decode-base64-image.ts';
import { type GateMode, stricterMode } from './core/gate-mode.ts';
import type { FaceQuality } from './core/measure-quality.ts';
import {
  crowdFaults,
  type MeasuredReason,
  type QualityFault,
  type QualityReason,
  qualityFaults,
  qualityReasons,
  reasonsOf,
  thresholdsFor,
} from './core/quality-faults.ts';
import type { IdentifyDeps } from './identify.ts';
import { measureFaces } from './measure-faces.ts';

/** Why an image was left out: its own fault as /infer would answer it, that it holds too many faces, or its face. docs/errors.md lists them. */
export const refusalCodes = [
  'INVALID_REQUEST',
  'INVALID_BASE64',
  'TOO_LARGE',
  'TOO_MANY_PIXELS',
  'UNSUPPORTED_IMAGE',
  'UNREADABLE',
  'NO_FACE',
  'SEVERAL_FACES',
  ...qualityReasons,
] as const satisfies readonly (ErrorCode | QualityReason | 'SEVERAL_FACES')[];

export type Refusal = {
  readonly index: number;
  readonly code: (typeof refusalCodes)[number];
  readonly reason: string;
  /** In what it falls short; absent where the image itself is at fault. */
  readonly reasons?: readonly QualityReason[];
};

/** An image that is good for a template although it falls short. */
export type Warning = {
  readonly index: number;
  /** The first of `reasons`. */
  readonly code: QualityReason;
  readonly reason: string;
  readonly reasons: readonly QualityReason[];
};

/** What was measured on the largest face of an image, and in what it falls short. */
export type MeasuredImage = {
  readonly index: number;
  readonly quality: FaceQuality;
  readonly reasons: readonly MeasuredReason[];
};

/** What became of one image: a face to enrol, or a refusal. */
export type Taken = {
  readonly refusal?: Refusal;
  readonly face?: { readonly crop: Uint8Array; readonly sourceSha256: string; readonly detector: string };
  readonly warning?: Warning;
  readonly measured?: MeasuredImage;
};

export type TakeOptions = {
  /** `single` refuses an image with more than one face; `largest` takes its largest. */
  readonly faces: 'single' | 'largest';
  /** What becomes of an image that falls short, where that is stricter than what is configured. */
  readonly gate?: GateMode | undefined;
  /** Whether the face is measured even where no gate asks for it. */
  readonly quality?: boolean | undefined;
  readonly maxImageBytes: number;
  readonly signal: AbortSignal;
};

/** The face of one image, in base64, that is to be enrolled. Rejects where it is not the image's own fault that there is none. */
export async function takeFace(
  { finder, embedder, quality: { gate: configured, thresholds } }: IdentifyDeps,
  image: string,
  index: number,
  { faces, gate, quality: isAskedFor = false, maxImageBytes, signal }: TakeOptions,
): Promise<Taken> {
  try {
    const bytes = decodeBase64Image(image, maxImageBytes);
    const found = await finder.find(bytes, { crop: embedder.model.crop }, { signal });
    const { count, crop, largest } = largestOf(found);
    if (crop === null) return { refusal: { index, code: 'NO_FACE', reason: 'No face was found' } };
    const mode = stricterMode(configured, gate);
    const [quality] = mode === 'off' && !isAskedFor ? [] : await measureFaces(largest, embedder.model.crop, signal);
    const faceFaults = quality ? qualityFaults(quality, thresholdsFor(thresholds, found.detector)) : [];
    const measured = quality && { measured: { index, quality, reasons: reasonsOf(faceFaults) } };
    if (faces === 'single' && count > 1) {
      const reason = `Expected one face, found ${count}`;
      return { refusal: { index, code: 'SEVERAL_FACES', reason, reasons: ['EXCEEDS_MAX_FACES'] }, ...measured };
    }
    const faults: QualityFault<QualityReason>[] = [...crowdFaults(count, thresholds.max_faces), ...faceFaults];
    const reasons = reasonsOf(faults);
    const [code] = reasons;
    const fault = code && { index, code, reason: faults.map(({ message }) => message).join('; '), reasons };
    if (fault && mode === 'refuse') return { refusal: fault, ...measured };
    const sourceSha256 = createHash('sha256').update(bytes).digest('hex');
    return {
      face: { crop, sourceSha256, detector: found.detector },
      ...(fault && mode === 'warn' && { warning: fault }),
      ...measured,
    };
  } catch (error) {
    const code = error instanceof ServiceError ? refusalCodes.find(known => known === error.code) : undefined;
    if (code === undefined || !(error instanceof Error)) throw error;
    return { refusal: { index, code, reason: error.message } };
  }
}

function largestOf({ faces, crops, image }: FoundFaces) {
  const count = faces.length;
  // A copy, so that the crops of the other faces can go.
  const crop = count === 0 || crops === null ? null : crops.slice(0, crops.length / count);
  return { count, crop, largest: { faces: faces.slice(0, 1), crops: crop, image } };
}
