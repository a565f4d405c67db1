import type { Landmarks } from '../../triton/core/crop-spec.ts';

/** Corners in the upright photo's pixels, x2 > x1 and y2 > y1; may reach outside the photo. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/** A face in the upright photo's own pixels, whatever size the detector worked at. */
export type DetectedFace = { readonly box: Box; readonly confidence: number; readonly landmarks: Landmarks };
