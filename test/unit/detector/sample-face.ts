import type { Box, DetectedFace } from '../../../detector/core/detected-face.ts';

/** A frontal face whose landmarks lie where they usually do in its box. */
export function face(box: Box, confidence = 0.9): DetectedFace {
  const [x1, y1, x2, y2] = box;
  const at = (x: number, y: number) => [x1 + x * (x2 - x1), y1 + y * (y2 - y1)] as const;
  return { box, confidence, landmarks: [at(0.3, 0.4), at(0.7, 0.4), at(0.5, 0.6), at(0.35, 0.8), at(0.65, 0.8)] };
}
