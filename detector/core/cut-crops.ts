import type { CropSpec } from '../../triton/core/crop-spec.ts';
import type { Box, DetectedFace } from './detected-face.ts';
import type { Region } from './resample-area.ts';
import { resizeBilinear } from './resize-bilinear.ts';
import type { RgbImage } from './rgb-image.ts';
import { fitSimilarity, invertSimilarity, type Similarity } from './similarity-transform.ts';
import { warpSimilarity } from './warp-similarity.ts';

/** Cuts every face as `spec` says: UINT8 [n, 3, size, size], RGB planes. The faces are in the image's own pixels. */
export function cutCrops(image: RgbImage, faces: readonly DetectedFace[], spec: CropSpec): Uint8Array<ArrayBuffer> {
  const { size } = spec;
  const cropBytes = 3 * size * size;
  const crops = new Uint8Array(faces.length * cropBytes);
  faces.forEach((face, i) => {
    if (spec.kind === 'similarity') {
      // Landmarks that all coincide give no transform; the box still shows the face.
      const toCrop = fitSimilarity(face.landmarks, spec.template) ?? fitBox(face.box, size);
      warpSimilarity(image, invertSimilarity(toCrop), size, crops, i * cropBytes);
      return;
    }
    const region = marginRegion(face.box, size, spec.margin, image);
    if (region) cutBox(image, region, size, crops.subarray(i * cropBytes, (i + 1) * cropBytes));
  });
  return crops;
}

function cutBox(image: RgbImage, region: Region, size: number, target: Uint8Array): void {
  const planes = new Float32Array(target.length);
  resizeBilinear(image, region, size, size, planes, { offset: 0, rowLength: size, planeLength: size * size });
  for (let i = 0; i < planes.length; i++) target[i] = planes[i]! + 0.5;
}

/** The similarity without rotation that centres the box in the crop and fits its longer side. */
function fitBox([x1, y1, x2, y2]: Box, size: number): Similarity {
  const scale = size / Math.max(1, x2 - x1, y2 - y1);
  const middle = (size - 1) / 2;
  return { a: scale, b: 0, shiftX: middle - (scale * (x1 + x2)) / 2, shiftY: middle - (scale * (y1 + y2)) / 2 };
}

/**
 * facenet-pytorch's crop: the margin counts in pixels of the finished crop, half of it on each side; sides are cut to whole
 * pixels and to the image. Null when nothing of the box lies in the image.
 */
export function marginRegion(
  [x1, y1, x2, y2]: Box,
  size: number,
  margin: number,
  image: { readonly width: number; readonly height: number },
): Region | null {
  const marginX = (margin * (x2 - x1)) / (size - margin) / 2;
  const marginY = (margin * (y2 - y1)) / (size - margin) / 2;
  const left = Math.trunc(Math.max(x1 - marginX, 0));
  const top = Math.trunc(Math.max(y1 - marginY, 0));
  const right = Math.trunc(Math.min(x2 + marginX, image.width));
  const bottom = Math.trunc(Math.min(y2 + marginY, image.height));
  return right > left && bottom > top ? { left, top, width: right - left, height: bottom - top } : null;
}
