import type { FaceQuality } from './measure-quality.ts';

/**
 * Why a face falls short, under the names of Amazon Rekognition's IndexFaces (`UnindexedFaces[].Reasons`). What causes comes before what
 * follows from it: a face that is small or dark looks blurred as well.
 */
export const measuredReasons = [
  'SMALL_BOUNDING_BOX',
  'LOW_BRIGHTNESS',
  'EXTREME_POSE',
  'LOW_SHARPNESS',
  'LOW_CONFIDENCE',
  'LOW_FACE_QUALITY',
] as const;

/** Those that are measured on one face, and that there are several. */
export const qualityReasons = ['EXCEEDS_MAX_FACES', ...measuredReasons] as const;

export type MeasuredReason = (typeof measuredReasons)[number];
export type QualityReason = (typeof qualityReasons)[number];

/** The least that each measure has to be; of yaw and pitch the most, to either side. */
export type QualityThresholds = Readonly<
  Record<'sharpness' | 'brightness' | 'yaw' | 'pitch' | 'box_side' | 'confidence' | 'score', number>
>;

/** As they are configured: a confidence of null is what is usual for the detector. */
export type ConfiguredThresholds = Omit<QualityThresholds, 'confidence'> & { readonly confidence: number | null };

/** What next to none of the faces in good photos stays below: docs/quality.md. Of a detector that is not known, nothing is asked. */
const usualConfidence: Readonly<Record<string, number>> = { mtcnn: 0.95, yunet: 0.85, ssd_mobilenetv1: 0.6 };

/** The thresholds for faces that this detector found. */
export function thresholdsFor(configured: ConfiguredThresholds, detector: string): QualityThresholds {
  return { ...configured, confidence: configured.confidence ?? usualConfidence[detector] ?? 0 };
}

/** A reason, and what was measured, in words. */
export type QualityFault<Reason extends QualityReason = MeasuredReason> = {
  readonly reason: Reason;
  readonly message: string;
};

/** That a photo, whose largest face is to be enrolled, shows more than `most`; null: any number will do. */
export function crowdFaults(faces: number, most: number | null): QualityFault<'EXCEEDS_MAX_FACES'>[] {
  if (most === null || faces <= most) return [];
  const message = `faces: expected at most ${most}, got ${faces}, of which the largest counts`;
  return [{ reason: 'EXCEEDS_MAX_FACES', message }];
}

/** In which measures a face falls short, in the order of `measuredReasons`; none for one that is good enough. */
export function qualityFaults(quality: FaceQuality, thresholds: QualityThresholds): QualityFault[] {
  const least = (reason: MeasuredReason, what: string, value: number, bound: number): QualityFault[] =>
    value < bound ? [{ reason, message: `${what}: expected at least ${bound}, got ${shown(value, bound)}` }] : [];
  const turned = (what: string, angle: number, bound: number): QualityFault[] => {
    const message = `${what}: expected at most ${bound}° to either side, got ${shown(angle, bound)}°`;
    return Math.abs(angle) > bound ? [{ reason: 'EXTREME_POSE', message }] : [];
  };
  return [
    ...least('SMALL_BOUNDING_BOX', "pixels of the face's shorter side", quality.boxSide, thresholds.box_side),
    ...least('LOW_BRIGHTNESS', 'brightness', quality.brightness, thresholds.brightness),
    ...turned('yaw', quality.yaw, thresholds.yaw),
    ...turned('pitch', quality.pitch, thresholds.pitch),
    ...least('LOW_SHARPNESS', 'sharpness', quality.sharpness, thresholds.sharpness),
    ...least('LOW_CONFIDENCE', "the detector's confidence", quality.confidence, thresholds.confidence),
    ...least('LOW_FACE_QUALITY', 'score', quality.score, thresholds.score),
  ];
}

/** The reasons of faults, each once. */
export function reasonsOf<Reason extends QualityReason>(faults: readonly QualityFault<Reason>[]): Reason[] {
  return [...new Set(faults.map(({ reason }) => reason))];
}

/** As many decimals as it takes to tell it from the bound. */
function shown(value: number, bound: number): string {
  const digits = [0, 1, 2, 3, 4].find(digits => value.toFixed(digits) !== bound.toFixed(digits)) ?? 5;
  return value.toFixed(Math.max(digits, bound > 2 ? 0 : 2));
}
