import type { Point } from '../../triton/core/crop-spec.ts';
import type { DetectedFace } from './detected-face.ts';

/** The same face in an image that is `scaleX` times as wide and `scaleY` times as high. */
export function scaleFace({ box, confidence, landmarks }: DetectedFace, scaleX: number, scaleY: number): DetectedFace {
  const scale = ([x, y]: Point): Point => [x * scaleX, y * scaleY];
  const [a, b, c, d, e] = landmarks;
  return {
    box: [box[0] * scaleX, box[1] * scaleY, box[2] * scaleX, box[3] * scaleY],
    confidence,
    landmarks: [scale(a), scale(b), scale(c), scale(d), scale(e)],
  };
}
