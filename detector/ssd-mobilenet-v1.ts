import path from 'node:path';
import type { Point } from '../triton/core/crop-spec.ts';
import { boxArea } from './core/box.ts';
import { pickCandidates } from './core/candidates.ts';
import type { Box, DetectedFace } from './core/detected-face.ts';
import type { Region } from './core/resample-area.ts';
import { resizeBilinear } from './core/resize-bilinear.ts';
import type { RgbImage } from './core/rgb-image.ts';
import { suppressByUnion } from './core/suppress-overlaps.ts';
import type { Detector } from './detector.ts';
import { type OnnxNet, openOnnxNet, takeOutput } from './onnx-net.ts';

/** The detector sees the whole photo at this size: faces under about a fortieth of its longer side are not found. */
const photoSize = 512;
const anchors = 5118;

/** face-api's published settings. */
const minScore = 0.5;
const overlapThreshold = 0.5;

const faceSize = 112;
const landmarkBatch = 64;

/**
 * face-api's SSD MobileNetV1 with its 68-point landmark net, both taking raw RGB 0..255. The photo is padded with black at
 * the right or bottom to a square, each face's box centred in one. `modelDir` holds ssd_mobilenetv1.onnx and
 * face_landmark_68.onnx.
 */
export function createSsdMobilenetV1(modelDir: string): Detector {
  return {
    name: 'ssd_mobilenetv1',
    async detect(image, { minFaceSize }, context) {
      const detectNet = await openOnnxNet(context, path.join(modelDir, 'ssd_mobilenetv1.onnx'));
      const found = await findBoxes(detectNet, image);
      const large = found.filter(({ box }) => Math.max(box[2] - box[0], box[3] - box[1]) >= minFaceSize);
      const cuttable = large.flatMap(face => {
        const region = wholePixels(face.box, image);
        return region ? [{ ...face, region }] : [];
      });
      const landmarkNet = await openOnnxNet(context, path.join(modelDir, 'face_landmark_68.onnx'));
      const faces: DetectedFace[] = [];
      for (let start = 0; start < cuttable.length; start += landmarkBatch) {
        const batch = cuttable.slice(start, start + landmarkBatch);
        const landmarks = await findLandmarks(
          landmarkNet,
          image,
          batch.map(face => face.region),
        );
        batch.forEach(({ box, confidence }, i) => {
          faces.push({ box, confidence, landmarks: landmarks[i]! });
        });
      }
      return faces;
    },
  };
}

async function findBoxes(net: OnnxNet, image: RgbImage): Promise<{ readonly box: Box; readonly confidence: number }[]> {
  const whole: Region = { left: 0, top: 0, width: image.width, height: image.height };
  const pixels = new Float32Array(3 * photoSize * photoSize);
  const placed = placeInSquare(image, whole, photoSize, 'start', pixels, 0);
  const outputs = await net(pixels, [1, 3, photoSize, photoSize]);
  const boxes = takeOutput(outputs, 'boxes', [1, anchors, 4]).data;
  const scores = takeOutput(outputs, 'scores', [1, anchors]).data;
  const likely = Uint32Array.from(scores.keys()).filter(i => scores[i]! > minScore);
  const candidates = pickCandidates({ boxes, scores }, likely);
  return Array.from(suppressByUnion(candidates, overlapThreshold), i => {
    const side = (k: number) => Math.min(1, Math.max(0, candidates.boxes[i * 4 + k]!));
    const [x1, y1] = fromSquare(placed, side(0), side(1));
    const [x2, y2] = fromSquare(placed, side(2), side(3));
    const box: Box = [x1, y1, x2, y2];
    return { box, confidence: candidates.scores[i]! };
  }).filter(({ box }) => boxArea(box) > 0);
}

/** face-api's rounding: corner and sides cut to whole pixels, then to the image. Null when nothing is left. */
function wholePixels([x1, y1, x2, y2]: Box, image: RgbImage): Region | null {
  const left = Math.floor(x1);
  const top = Math.floor(y1);
  const width = Math.min(image.width - left, Math.floor(x2 - x1));
  const height = Math.min(image.height - top, Math.floor(y2 - y1));
  return width > 0 && height > 0 ? { left, top, width, height } : null;
}

async function findLandmarks(
  net: OnnxNet,
  image: RgbImage,
  regions: readonly Region[],
): Promise<DetectedFace['landmarks'][]> {
  const faceLength = 3 * faceSize * faceSize;
  const pixels = new Float32Array(regions.length * faceLength);
  const placements = regions.map((region, i) =>
    placeInSquare(image, region, faceSize, 'centre', pixels, i * faceLength),
  );
  const outputs = await net(pixels, [regions.length, 3, faceSize, faceSize]);
  const { data } = takeOutput(outputs, 'output', [regions.length, 68, 2]);
  return placements.map((placed, i) => fivePoints(data.subarray(i * 136, (i + 1) * 136), placed));
}

/** Five landmarks out of the 68 of the iBUG scheme: eyes 36–41 and 42–47, tip of the nose 30, corners of the mouth 48, 54. */
function fivePoints(fractions: Float32Array, placed: Placement): DetectedFace['landmarks'] {
  const mean = (first: number, last: number): Point => {
    let x = 0;
    let y = 0;
    for (let i = first; i <= last; i++) {
      x += fractions[i * 2]!;
      y += fractions[i * 2 + 1]!;
    }
    const count = last - first + 1;
    return fromSquare(placed, x / count, y / count);
  };
  return [mean(36, 41), mean(42, 47), mean(30, 30), mean(48, 48), mean(54, 54)];
}

/** Where in a square of `size` pixels a region of the photo was put. */
type Placement = { readonly region: Region; readonly size: number; readonly square: Region };

/** Fits the region's longer side to `size`; the rest of the square stays as it is in `target`: black. */
function placeInSquare(
  image: RgbImage,
  region: Region,
  size: number,
  place: 'start' | 'centre',
  target: Float32Array,
  offset: number,
): Placement {
  const scale = size / Math.max(region.width, region.height);
  const width = Math.max(1, Math.round(region.width * scale));
  const height = Math.max(1, Math.round(region.height * scale));
  const left = place === 'centre' ? Math.floor((size - width) / 2) : 0;
  const top = place === 'centre' ? Math.floor((size - height) / 2) : 0;
  resizeBilinear(image, region, width, height, target, {
    offset: offset + top * size + left,
    rowLength: size,
    planeLength: size * size,
  });
  return { region, size, square: { left, top, width, height } };
}

/** A point in fractions of the square as a point of the photo, by the sizes that were really used. */
function fromSquare({ region, size, square }: Placement, x: number, y: number): Point {
  return [
    region.left + ((x * size - square.left) * region.width) / square.width,
    region.top + ((y * size - square.top) * region.height) / square.height,
  ];
}
