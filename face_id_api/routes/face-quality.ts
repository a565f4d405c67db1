import { z } from 'zod';
import type { FaceQuality } from '../core/measure-quality.ts';
import {
  type ConfiguredThresholds,
  type MeasuredReason,
  measuredReasons,
  qualityFaults,
  reasonsOf,
  thresholdsFor,
} from '../core/quality-faults.ts';
import { roundTo } from '../core/round.ts';
import { probabilitySchema, querySwitch } from './schemas.ts';

/** `?quality=`: measures are taken only where they are wanted. */
export const qualityQueryShape = {
  quality: querySwitch
    .optional()
    .describe(
      '`true` adds `quality` to each face: how sharp, bright, turned and large it is, and in what it falls short.',
    ),
};

const angleSchema = z.number().min(-180).max(180);

/** What was measured on a face. docs/quality.md has each measure's formula. */
export const faceQualitySchema = z.object({
  score: probabilitySchema.describe('All measures but the confidence together.'),
  sharpness: probabilitySchema.describe('How fine its edges are.'),
  brightness: probabilitySchema.describe('Mean luma.'),
  contrast: probabilitySchema.describe('Standard deviation of the luma.'),
  noise: probabilitySchema.describe('Noise as a share of the contrast.'),
  yaw: angleSchema.describe("Degrees; towards the photo's right."),
  pitch: angleSchema.describe('Degrees; upwards.'),
  roll: angleSchema.describe('Degrees; clockwise, as one sees it.'),
  box_side: z.number().min(0).describe("The box's shorter side, in the photo's pixels."),
  confidence: probabilitySchema.describe("The detector's."),
  reasons: z
    .array(z.enum(measuredReasons))
    .describe('In what it falls short of `quality.thresholds`: why it would be refused at enrolment, or warned of.'),
});

export type FaceQualityReply = z.input<typeof faceQualitySchema>;

export function toFaceQuality(quality: FaceQuality, reasons: readonly MeasuredReason[]): FaceQualityReply {
  return {
    score: roundTo(quality.score, 3),
    sharpness: roundTo(quality.sharpness, 3),
    brightness: roundTo(quality.brightness, 3),
    contrast: roundTo(quality.contrast, 3),
    noise: roundTo(quality.noise, 3),
    yaw: roundTo(quality.yaw, 1),
    pitch: roundTo(quality.pitch, 1),
    roll: roundTo(quality.roll, 1),
    box_side: roundTo(quality.boxSide, 1),
    confidence: roundTo(quality.confidence, 6),
    reasons: [...reasons],
  };
}

/** The member that a face has where its quality was asked for. */
export function qualityMember(
  quality: FaceQuality | undefined,
  configured: ConfiguredThresholds,
  detector: string,
): { quality?: FaceQualityReply } {
  if (quality === undefined) return {};
  return { quality: toFaceQuality(quality, reasonsOf(qualityFaults(quality, thresholdsFor(configured, detector)))) };
}
