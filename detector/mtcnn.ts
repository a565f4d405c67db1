import path from 'node:path';
import type { Point } from '../triton/core/crop-spec.ts';
import { boxArea } from './core/box.ts';
import { type Candidates, candidateCount, joinTables, pickCandidates, pickRows } from './core/candidates.ts';
import type { Box, DetectedFace } from './core/detected-face.ts';
import { createIntegralImage, type IntegralImage } from './core/integral-image.ts';
import { clippedRegion, proposeBoxes, regressBoxes, squareBoxes, toProbability } from './core/mtcnn-boxes.ts';
import { pyramidScales, scaledSize } from './core/pyramid-scales.ts';
import { type Region, resampleArea } from './core/resample-area.ts';
import { suppressByMinimum, suppressByUnion } from './core/suppress-overlaps.ts';
import type { Detector } from './detector.ts';
import { type OnnxNet, openOnnxNet, takeOutput } from './onnx-net.ts';

/** Crops that R-Net and O-Net take at once: enough to be fast, few enough to bound the memory. */
const batchSize = 64;

/**
 * Boxes of one scale, and boxes for R-Net, that are looked at, the best of them. A crowd of 576 has 9,500 and 9,000; a photo
 * tiled with tiny faces has hundreds of thousands and would hold its thread for minutes.
 */
const mostProposals = 16_384;

/** Sums that are kept for the next photo: those of a 2048 × 2048 one, 50 MB. Larger ones are given back. */
const maxSpareLength = 3 * 2049 * 2049;

/**
 * MTCNN (Zhang et al. 2016) with the constants and the roundings of facenet-pytorch 2.5.3: P-Net over a pyramid, R-Net at
 * 24 × 24, O-Net at 48 × 48, area interpolation throughout. `modelDir` holds pnet.onnx, rnet.onnx and onet.onnx, which take
 * raw RGB 0..255.
 */
export function createMtcnn(modelDir: string): Detector {
  let spare: Int32Array | undefined;
  return {
    name: 'mtcnn',
    async detect(image, { minFaceSize, thresholds }, context) {
      const scales = pyramidScales(image.width, image.height, minFaceSize);
      if (scales.length === 0) return [];
      // Taken out while it is in use: a second call that comes meanwhile gets memory of its own.
      const buffer = spare;
      spare = undefined;
      const integral = createIntegralImage(image, buffer);
      try {
        const open = (file: string) => openOnnxNet(context, path.join(modelDir, file));
        const proposals = await propose(await open('pnet.onnx'), integral, scales, thresholds[0]);
        const refined = await refine(await open('rnet.onnx'), integral, proposals, thresholds[1]);
        return await finish(await open('onet.onnx'), integral, refined, thresholds[2]);
      } finally {
        if (integral.sums.length <= maxSpareLength) spare = integral.sums;
      }
    },
  };
}

async function propose(
  net: OnnxNet,
  image: IntegralImage,
  scales: readonly number[],
  threshold: number,
): Promise<Float32Array> {
  const whole: Region = { left: 0, top: 0, width: image.width, height: image.height };
  const kept: { boxes: Float32Array; scores: Float32Array; regressions: Float32Array }[] = [];
  // The first level is the largest; the others follow in its memory.
  let memory = new Float32Array(0);
  for (const scale of scales) {
    const { width, height } = scaledSize(image.width, image.height, scale);
    const length = 3 * width * height;
    if (memory.length < length) memory = new Float32Array(length);
    const pixels = memory.subarray(0, length);
    resampleArea(image, whole, width, height, pixels, 0);
    const map = takeOutput(await net(pixels, [1, 3, height, width]), 'output', [1, 5, -1, -1]);
    const proposals = proposeBoxes(map.data, map.shape[3]!, map.shape[2]!, scale, threshold);
    const indices = suppressByUnion(proposals, 0.5, mostProposals);
    kept.push({ ...pickCandidates(proposals, indices), regressions: pickRows(proposals.regressions, 4, indices) });
  }
  const all: Candidates = {
    boxes: joinTables(kept.map(level => level.boxes)),
    scores: joinTables(kept.map(level => level.scores)),
  };
  const indices = suppressByUnion(all, 0.7, mostProposals);
  const boxes = pickRows(all.boxes, 4, indices);
  regressBoxes(boxes, pickRows(joinTables(kept.map(level => level.regressions)), 4, indices), 0);
  squareBoxes(boxes);
  return boxes;
}

async function refine(
  net: OnnxNet,
  image: IntegralImage,
  boxes: Float32Array,
  threshold: number,
): Promise<Float32Array> {
  const answer = await examine(net, image, boxes, 24, 5, threshold);
  const indices = suppressByUnion(answer.candidates, 0.7);
  const refined = pickRows(answer.candidates.boxes, 4, indices);
  regressBoxes(
    refined,
    pickRows(answer.rows, 5, indices).filter((_, i) => i % 5 !== 0),
    1,
  );
  squareBoxes(refined);
  return refined;
}

async function finish(
  net: OnnxNet,
  image: IntegralImage,
  boxes: Float32Array,
  threshold: number,
): Promise<DetectedFace[]> {
  const { candidates, rows } = await examine(net, image, boxes, 48, 15, threshold);
  const landmarks = Array.from({ length: candidateCount(candidates) }, (_, i) =>
    landmarksOf(rows.subarray(i * 15 + 5, i * 15 + 15), candidates.boxes.subarray(i * 4, i * 4 + 4)),
  );
  regressBoxes(
    candidates.boxes,
    rows.filter((_, i) => i % 15 >= 1 && i % 15 < 5),
    1,
  );
  const found = candidates.boxes;
  const faces: DetectedFace[] = [];
  for (const i of suppressByMinimum(candidates, 0.7)) {
    const box: Box = [found[i * 4]!, found[i * 4 + 1]!, found[i * 4 + 2]!, found[i * 4 + 3]!];
    // A regression can turn a box inside out; such a face is none.
    if (boxArea(box) > 0) faces.push({ box, confidence: candidates.scores[i]!, landmarks: landmarks[i]! });
  }
  return faces;
}

/** O-Net's landmarks are fractions of its input box, which counts both edge pixels from 1. */
function landmarksOf(fractions: Float32Array, box: Float32Array): DetectedFace['landmarks'] {
  const width = box[2]! - box[0]! + 1;
  const height = box[3]! - box[1]! + 1;
  const point = (i: number): Point => [width * fractions[i]! + box[0]! - 1, height * fractions[5 + i]! + box[1]! - 1];
  return [point(0), point(1), point(2), point(3), point(4)];
}

/**
 * Cuts every box out at `size` × `size`, asks the net, and keeps what it is surer of than `threshold`. `rows` are the net's
 * answers of those that stay: logit difference, four regressions and whatever follows, `columns` values each.
 */
async function examine(
  net: OnnxNet,
  image: IntegralImage,
  boxes: Float32Array,
  size: number,
  columns: number,
  threshold: number,
): Promise<{ candidates: Candidates; rows: Float32Array }> {
  const regions: Region[] = [];
  const sources: number[] = [];
  for (let i = 0; i < boxes.length / 4; i++) {
    const region = clippedRegion(boxes, i, image.width, image.height);
    if (!region) continue;
    regions.push(region);
    sources.push(i);
  }
  const cropLength = 3 * size * size;
  const pixels = new Float32Array(Math.min(batchSize, regions.length) * cropLength);
  const kept: number[] = [];
  const scores: number[] = [];
  const tables: Float32Array[] = [];
  for (let start = 0; start < regions.length; start += batchSize) {
    const count = Math.min(batchSize, regions.length - start);
    for (let i = 0; i < count; i++) resampleArea(image, regions[start + i]!, size, size, pixels, i * cropLength);
    const input = pixels.subarray(0, count * cropLength);
    const { data } = takeOutput(await net(input, [count, 3, size, size]), 'output', [count, columns]);
    for (let i = 0; i < count; i++) {
      const score = toProbability(data[i * columns]!);
      if (!(score > Math.fround(threshold))) continue;
      kept.push(sources[start + i]!);
      scores.push(score);
      tables.push(data.slice(i * columns, (i + 1) * columns));
    }
  }
  return {
    candidates: { boxes: pickRows(boxes, 4, Uint32Array.from(kept)), scores: Float32Array.from(scores) },
    rows: joinTables(tables),
  };
}
