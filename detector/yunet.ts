import path from 'node:path';
import type { Point } from '../triton/core/crop-spec.ts';
import { joinTables } from './core/candidates.ts';
import type { Box, DetectedFace } from './core/detected-face.ts';
import type { Region } from './core/resample-area.ts';
import { resizeBilinear } from './core/resize-bilinear.ts';
import type { RgbImage } from './core/rgb-image.ts';
import { suppressByUnion } from './core/suppress-overlaps.ts';
import { decodeYunet, type YunetFaces, yunetMultiple, yunetStrides } from './core/yunet-faces.ts';
import { yunetSizes } from './core/yunet-sizes.ts';
import type { Detector } from './detector.ts';
import { type NetOutput, type OnnxNet, openOnnxNet, takeOutput } from './onnx-net.ts';

/**
 * OpenCV's demo asks for 0.9 and finds fewer faces. On the 86 reference photos of test/conformance 0.6 finds the first face that is
 * none, and 0.8 misses the first that is one.
 */
const minScore = 0.7;

/** OpenCV's FaceDetectorYN. */
const overlapThreshold = 0.3;

/** Cells that are looked at, the best of them: a photo tiled with faces would hold its thread for minutes. */
const mostFaces = 16_384;

/**
 * YuNet over the whole photo in one pass, or in several where a face may be larger than it knows (see `yunetSizes`).
 *
 * `modelDir` holds yunet.onnx as its authors publish it. `input` FP32 [1, 3, h, w]: BGR planes, 0..255, not normalised, h and w
 * multiples of 32. For each stride s of 8, 16 and 32, with n = h / s · w / s cells row by row: `cls_s` and `obj_s` FP32 [1, n, 1],
 * probabilities; `bbox_s` [1, n, 4] and `kps_s` [1, n, 10]. `decodeYunet` says what they mean.
 */
export function createYunet(modelDir: string): Detector {
  return {
    name: 'yunet',
    async detect(image, { minFaceSize }, context) {
      const net = await openOnnxNet(context, path.join(modelDir, 'yunet.onnx'));
      const passes: YunetFaces[] = [];
      for (const size of yunetSizes(image.width, image.height, minFaceSize)) passes.push(await look(net, image, size));
      const found: YunetFaces = {
        boxes: joinTables(passes.map(pass => pass.boxes)),
        scores: joinTables(passes.map(pass => pass.scores)),
        landmarks: joinTables(passes.map(pass => pass.landmarks)),
      };
      const faces: DetectedFace[] = [];
      for (const i of suppressByUnion(found, overlapThreshold, mostFaces)) {
        const [x1, y1, x2, y2] = found.boxes.subarray(4 * i, 4 * i + 4);
        const box: Box = [x1!, y1!, x2!, y2!];
        const landmarks = landmarksOf(found.landmarks.subarray(10 * i, 10 * i + 10));
        const longer = Math.max(box[2] - box[0], box[3] - box[1]);
        // Also false where the network's answer is NaN or infinite.
        if (!(longer >= minFaceSize && Number.isFinite(longer + landmarks.flat().reduce((a, b) => a + b)))) continue;
        faces.push({ box, confidence: found.scores[i]!, landmarks });
      }
      return faces;
    },
  };
}

/** One pass over the photo, resized to this size. The faces come in the photo's own pixels. */
async function look(
  net: OnnxNet,
  image: RgbImage,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<YunetFaces> {
  const whole: Region = { left: 0, top: 0, width: image.width, height: image.height };
  const columns = Math.ceil(width / yunetMultiple) * yunetMultiple;
  const rows = Math.ceil(height / yunetMultiple) * yunetMultiple;
  const plane = columns * rows;
  // What is added at the right and at the bottom stays black, as in OpenCV. Planes from the last to the first: BGR.
  const pixels = new Float32Array(3 * plane);
  const layout = { offset: 2 * plane, rowLength: columns, planeLength: -plane };
  resizeBilinear(image, whole, width, height, pixels, layout);
  const outputs = await net(pixels, [1, 3, rows, columns]);
  const levels = yunetStrides.map(stride => levelOf(outputs, stride, columns / stride, rows / stride));
  const { boxes, scores, landmarks } = decodeYunet(levels, minScore);
  const scales = [image.width / width, image.height / height];
  const inPhoto = (value: number, i: number): number => value * scales[i % 2]!;
  return { boxes: boxes.map(inPhoto), scores, landmarks: landmarks.map(inPhoto) };
}

function levelOf(outputs: ReadonlyMap<string, NetOutput>, stride: number, columns: number, rows: number) {
  const take = (name: string, values: number): Float32Array =>
    takeOutput(outputs, `${name}_${stride}`, [1, columns * rows, values]).data;
  return { stride, columns, cls: take('cls', 1), obj: take('obj', 1), bbox: take('bbox', 4), kps: take('kps', 10) };
}

function landmarksOf(values: Float32Array): DetectedFace['landmarks'] {
  const point = (i: number): Point => [values[2 * i]!, values[2 * i + 1]!];
  return [point(0), point(1), point(2), point(3), point(4)];
}
