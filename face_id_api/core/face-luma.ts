import { marginRegion } from '../../detector/core/cut-crops.ts';
import type { DetectedFace } from '../../detector/core/detected-face.ts';
import { applySimilarity, fitSimilarity, invertSimilarity } from '../../detector/core/similarity-transform.ts';
import { type CropSpec, cropSpecs, type Point } from '../../triton/core/crop-spec.ts';

/** One face as the embedder gets it, and what it was cut from. */
export type FaceCrop = {
  /** UINT8 [3, size, size], RGB planes. */
  readonly pixels: Uint8Array;
  readonly spec: CropSpec;
  /** The upright photo's size in pixels. */
  readonly photo: { readonly width: number; readonly height: number };
};

/** In the frame of ArcFace's 112 px template: from the brows to below the mouth, little of hair and background. */
const window = { left: 24, top: 40, side: 64 };

/**
 * The middle of a face as luma (ITU-R BT.601) in [0, 255]: 64 × 64, row by row, with the eyes 35 px apart whatever the crop was cut
 * for, so that a measure means the same with every model. NaN where the face reaches beyond its photo, and everywhere where its
 * landmarks coincide.
 */
export function faceLuma(face: DetectedFace, crop: FaceCrop): Float32Array {
  const { left, top, side } = window;
  const patch = new Float32Array(side * side).fill(Number.NaN);
  const maps = mapsOf(face, crop);
  if (maps === null) return patch;
  const { inPhoto, inCrop } = maps;
  const luma = lumaOf(crop.pixels);
  const perSide = Math.max(1, Math.ceil(Math.hypot(inCrop.xx, inCrop.yx) - 1e-6));
  for (let i = 0; i < patch.length; i++) {
    const u = left + (i % side);
    const v = top + Math.floor(i / side);
    if (!isInside(inPhoto, u, v, crop.photo)) continue;
    let sum = 0;
    for (let k = 0; k < perSide * perSide; k++) {
      const du = ((k % perSide) + 0.5) / perSide - 0.5;
      const dv = (Math.floor(k / perSide) + 0.5) / perSide - 0.5;
      sum += sample(luma, crop.spec.size, inCrop, u + du, v + dv);
    }
    patch[i] = sum / (perSide * perSide);
  }
  return patch;
}

/** (u, v) → (xx·u + xy·v + x0, yx·u + yy·v + y0). */
type Affine = Readonly<Record<'xx' | 'xy' | 'x0' | 'yx' | 'yy' | 'y0', number>>;

/** Where a point of the template's frame lies in the photo and in the crop; null where the landmarks say nothing. */
function mapsOf(
  { landmarks, box }: DetectedFace,
  { spec, photo }: FaceCrop,
): { inPhoto: Affine; inCrop: Affine } | null {
  const frame = cropSpecs.arcface_112.template;
  if (spec.kind === 'similarity') {
    const photoToCrop = fitSimilarity(landmarks, spec.template);
    const frameToCrop = fitSimilarity(frame, spec.template);
    if (photoToCrop === null || frameToCrop === null) return null;
    const cropToPhoto = invertSimilarity(photoToCrop);
    const inCrop = affineOf(point => applySimilarity(frameToCrop, point));
    return { inCrop, inPhoto: affineOf(point => applySimilarity(cropToPhoto, applySimilarity(frameToCrop, point))) };
  }
  const photoToFrame = fitSimilarity(landmarks, frame);
  const region = marginRegion(box, spec.size, spec.margin, photo);
  if (photoToFrame === null || region === null) return null;
  const frameToPhoto = invertSimilarity(photoToFrame);
  const inPhoto = affineOf(point => applySimilarity(frameToPhoto, point));
  const inCrop = affineOf(point => {
    const [x, y] = applySimilarity(frameToPhoto, point);
    return [
      ((x - region.left + 0.5) * spec.size) / region.width - 0.5,
      ((y - region.top + 0.5) * spec.size) / region.height - 0.5,
    ];
  });
  return { inPhoto, inCrop };
}

function affineOf(map: (point: Point) => Point): Affine {
  const [x0, y0] = map([0, 0]);
  const [xu, yu] = map([1, 0]);
  const [xv, yv] = map([0, 1]);
  return { xx: xu - x0, xy: xv - x0, x0, yx: yu - y0, yy: yv - y0, y0 };
}

function isInside(inPhoto: Affine, u: number, v: number, { width, height }: FaceCrop['photo']): boolean {
  const x = inPhoto.xx * u + inPhoto.xy * v + inPhoto.x0;
  const y = inPhoto.yx * u + inPhoto.yy * v + inPhoto.y0;
  return x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1;
}

function lumaOf(pixels: Uint8Array): Float32Array {
  const plane = pixels.length / 3;
  const luma = new Float32Array(plane);
  for (let i = 0; i < plane; i++) {
    luma[i] = 0.299 * pixels[i]! + 0.587 * pixels[plane + i]! + 0.114 * pixels[2 * plane + i]!;
  }
  return luma;
}

/** Bilinear; beyond the crop its edge goes on. */
function sample(luma: Float32Array, size: number, inCrop: Affine, u: number, v: number): number {
  const last = size - 1;
  const x = Math.min(last, Math.max(0, inCrop.xx * u + inCrop.xy * v + inCrop.x0));
  const y = Math.min(last, Math.max(0, inCrop.yx * u + inCrop.yy * v + inCrop.y0));
  const column = Math.min(last - 1, Math.floor(x));
  const row = Math.min(last - 1, Math.floor(y));
  const at = row * size + column;
  const above = luma[at]! + (x - column) * (luma[at + 1]! - luma[at]!);
  const below = luma[at + size]! + (x - column) * (luma[at + size + 1]! - luma[at + size]!);
  return above + (y - row) * (below - above);
}
