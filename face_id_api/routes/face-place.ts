import { z } from 'zod';
import type { DetectedFace } from '../../detector/core/detected-face.ts';
import { roundTo } from '../core/round.ts';
import { probabilitySchema } from './schemas.ts';

const coordinate = z.number();
const point = z.tuple([coordinate, coordinate]);

/** Where a face is: what every reply says about one. */
export const facePlaceSchema = z.object({
  bounding_box: z
    .tuple([coordinate, coordinate, coordinate, coordinate])
    .describe("x1, y1, x2, y2 in the upright photo's pixels; may reach outside."),
  detection_confidence: probabilitySchema,
  landmarks: z
    .tuple([point, point, point, point, point])
    .describe('Eye with the smaller x, other eye, nose, mouth corner with the smaller x, other corner.'),
});

export type FacePlace = z.input<typeof facePlaceSchema>;

/** Coordinates to a hundredth of a pixel, the confidence to a millionth. */
export function toFacePlace({ box: [x1, y1, x2, y2], confidence, landmarks }: DetectedFace): FacePlace {
  const [eye, otherEye, nose, mouth, otherMouth] = landmarks;
  return {
    bounding_box: [pixel(x1), pixel(y1), pixel(x2), pixel(y2)],
    detection_confidence: roundTo(confidence, 6),
    landmarks: [at(eye), at(otherEye), at(nose), at(mouth), at(otherMouth)],
  };
}

export const embeddingSchema = z
  .array(z.number())
  .describe('Unit vector. Comparable with vectors of the same `model.fingerprint` only.');

/** A unit vector as JSON numbers: to 8 decimals, finer than what single precision holds. */
export function toEmbedding(vector: Float32Array): number[] {
  return Array.from(vector, value => roundTo(value, 8));
}

const pixel = (value: number): number => roundTo(value, 2);
const at = ([x, y]: readonly [number, number]): [number, number] => [pixel(x), pixel(y)];
