// The decoding of YuNet (Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023) as OpenCV's FaceDetectorYN does it
// (modules/objdetect/src/face_detect.cpp, postProcess).
import type { Candidates } from './candidates.ts';

/** Sides of the cells that the network looks at, in pixels of its input. */
export const yunetStrides = [8, 16, 32] as const;

/** The input's sides have to be multiples of this. */
export const yunetMultiple = 32;

/**
 * The answers for one stride, cells row by row, `columns` in a row: `cls` and `obj` a probability each, `bbox` centre offset and
 * logarithmic size (x, y, w, h), `kps` five points (x, y).
 */
export type YunetLevel = {
  readonly stride: number;
  readonly columns: number;
  readonly cls: Float32Array;
  readonly obj: Float32Array;
  readonly bbox: Float32Array;
  readonly kps: Float32Array;
};

/**
 * Faces in pixels of the network's input, not yet suppressed. `landmarks[10 * i …]` are x and y of the eye with the smaller x (of a
 * frontal face: the person's right one), the other eye, the nose and the corners of the mouth in the same order.
 */
export type YunetFaces = Candidates & { readonly landmarks: Float32Array };

/**
 * Every cell whose score √(cls · obj) is at least `minScore`. In units of the stride, from the cell's corner: the box's centre is
 * (x, y) and its size e^w × e^h; the landmarks are where `kps` says.
 */
export function decodeYunet(levels: readonly YunetLevel[], minScore: number): YunetFaces {
  const boxes: number[] = [];
  const scores: number[] = [];
  const landmarks: number[] = [];
  for (const { stride, columns, cls, obj, bbox, kps } of levels) {
    for (let i = 0; i < cls.length; i++) {
      const score = Math.sqrt(clamp(cls[i]!) * clamp(obj[i]!));
      // Also false where a score is NaN.
      if (!(score >= minScore)) continue;
      const column = i % columns;
      const row = Math.floor(i / columns);
      const x = (column + bbox[4 * i]!) * stride;
      const y = (row + bbox[4 * i + 1]!) * stride;
      const halfWidth = (Math.exp(bbox[4 * i + 2]!) * stride) / 2;
      const halfHeight = (Math.exp(bbox[4 * i + 3]!) * stride) / 2;
      boxes.push(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight);
      scores.push(score);
      for (let point = 0; point < 5; point++) {
        landmarks.push((kps[10 * i + 2 * point]! + column) * stride, (kps[10 * i + 2 * point + 1]! + row) * stride);
      }
    }
  }
  return {
    boxes: Float32Array.from(boxes),
    scores: Float32Array.from(scores),
    landmarks: Float32Array.from(landmarks),
  };
}

function clamp(probability: number): number {
  return Math.min(1, Math.max(0, probability));
}
