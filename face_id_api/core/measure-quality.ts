import type { DetectedFace } from '../../detector/core/detected-face.ts';
import { estimatePose, type Pose } from './estimate-pose.ts';
import { type FaceCrop, faceLuma } from './face-luma.ts';
import { lumaStatistics } from './luma-statistics.ts';

/** How good a face is for recognition, measured from its landmarks and its crop. docs/quality.md has the figures behind each. */
export type FaceQuality = Pose & {
  /** Fineness of the edges in [0, 1]: near 0 where nothing is left to tell people by, near 1 in a sharp photo. */
  readonly sharpness: number;
  /** Mean luma of the face in [0, 1]. */
  readonly brightness: number;
  /** Standard deviation of the face's luma in [0, 1]. */
  readonly contrast: number;
  /** Standard deviation of the noise as a share of the contrast, in [0, 1]. */
  readonly noise: number;
  /** Shorter side of the box, in the photo's pixels. */
  readonly boxSide: number;
  /** The detector's, which means something else for each. */
  readonly confidence: number;
  /** All measures but the confidence together, in [0, 1]. */
  readonly score: number;
};

/** Where a measure tells nothing any more (0), and from where on it is as good as it gets (1). */
type Ramp = readonly [none: number, full: number];

/** Of the edges' frequency: that of a face out of focus by a sixth of the distance between the eyes, and that of a sharp photo. */
const sharpnessRamp: Ramp = [0.15, 0.75];

/** What each measure adds to the score; brightness can be too little and too much. Measured: docs/benchmarks-quality.md. */
const ramps = {
  sharpness: [0, 0.6],
  dark: [0, 0.12],
  bright: [0.97, 0.75],
  contrast: [0, 0.05],
  noise: [0.25, 0.05],
  yaw: [80, 25],
  pitch: [80, 25],
  boxSide: [0, 40],
} as const satisfies Record<string, Ramp>;

/**
 * Measures one face. Everything comes from what the detector answers with, so that it is the same with a detector in this process and
 * one at an address. Pure, and less than a millisecond.
 */
export function measureQuality(face: DetectedFace, crop: FaceCrop): FaceQuality {
  const { mean, deviation, edgeFrequency, noise } = lumaStatistics(faceLuma(face, crop));
  const [x1, y1, x2, y2] = face.box;
  const measures = {
    ...estimatePose(face.landmarks),
    sharpness: along(sharpnessRamp, edgeFrequency),
    brightness: mean / 255,
    contrast: deviation / 255,
    noise: deviation === 0 ? 0 : Math.min(1, noise / deviation),
    boxSide: Math.max(0, Math.min(x2 - x1, y2 - y1)),
    confidence: face.confidence,
  };
  return { ...measures, score: scoreOf(measures) };
}

/** The product: what is passable in every single measure can be too little in all of them together. */
function scoreOf(measures: Omit<FaceQuality, 'score'>): number {
  const { sharpness, brightness, contrast, noise, yaw, pitch, boxSide } = measures;
  return [
    along(ramps.sharpness, sharpness),
    along(ramps.dark, brightness),
    along(ramps.bright, brightness),
    along(ramps.contrast, contrast),
    along(ramps.noise, noise),
    along(ramps.yaw, Math.abs(yaw)),
    along(ramps.pitch, Math.abs(pitch)),
    along(ramps.boxSide, boxSide),
  ].reduce((product, part) => product * part, 1);
}

/** 0 up to the ramp's beginning, 1 from its end on, straight between; it may fall as well as rise. */
function along([none, full]: Ramp, value: number): number {
  return Math.min(1, Math.max(0, (value - none) / (full - none)));
}
