import { boxArea } from './box.ts';
import type { DetectedFace } from './detected-face.ts';

/** The `maxFaces` faces with the largest boxes, largest first; equal areas by confidence, then in the order given. */
export function largestFirst(faces: readonly DetectedFace[], maxFaces: number): DetectedFace[] {
  return faces.toSorted((a, b) => boxArea(b.box) - boxArea(a.box) || b.confidence - a.confidence).slice(0, maxFaces);
}
