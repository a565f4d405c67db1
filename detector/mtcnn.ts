import type { Point } from '../triton/core/crop-spec.ts';
import { boxArea } from './core/box.ts';
import { type Candidates, candidateCount, joinTables, pickCandidates, pickRows } from './core/candidates.ts';
import type { Box, DetectedFace } from './core/detected-face.ts';
import { createIntegralImage, createSharedTable, mostReaders } from './core/integral-image.ts';
import { clippedRegion, regressBoxes, squareBoxes, toProbability } from './core/mtcnn-boxes.ts';
import type { TableMemory } from './core/pixel-kernels/table-kernels.ts';
import { pyramidBands } from './core/pyramid-bands.ts';
import type { Region } from './core/resample-area.ts';
import { suppressByMinimum, suppressByUnion } from './core/suppress-overlaps.ts';
import type { Detector } from './detector.ts';
import { createMtcnnRunner, type MtcnnTask } from './mtcnn-tasks.ts';
import { shareTasks, type Tables } from './share-tasks.ts';

/**
 * Boxes of one scale, and boxes for R-Net, that are looked at, the best of them. A crowd of 576 has 9,500 and 9,000; a photo
 * tiled with tiny faces has hundreds of thousands and would hold its thread for minutes.
 */
const mostProposals = 16_384;

/**
 * The photo whose table of sums is kept for the next one, 50 MB of which only what is used becomes real. In shared memory, so that other
 * threads can help; a larger photo, whose memory is given back, is looked at alone: shared memory is not freed in time.
 */
const keptSize = { width: 2048, height: 2048 };

/** R-Net and O-Net, with the crops that each takes at once: few enough to stay in the processor's cache. */
const refinement = { net: 'rnet.onnx', size: 24, columns: 5, batch: 16 } as const;
const output = { net: 'onet.onnx', size: 48, columns: 15, batch: 8 } as const;

/** Runs tasks on the photo that is looked at, here and in the threads that help. */
type Share = (tasks: readonly MtcnnTask[]) => Promise<Tables[]>;

type PhotoSize = { readonly width: number; readonly height: number };

/**
 * MTCNN (Zhang et al. 2016) with the constants and the roundings of facenet-pytorch 2.5.3: P-Net over a pyramid, R-Net at
 * 24 × 24, O-Net at 48 × 48, area interpolation throughout. `modelDir` holds pnet.onnx, rnet.onnx and onet.onnx, which take
 * raw RGB 0..255. Threads at the ends of the context's helpers run `help-job.ts` on the same models.
 */
export function createMtcnn(modelDir: string): Detector {
  let spare: TableMemory | undefined = createSharedTable(keptSize);
  return {
    name: 'mtcnn',
    async detect(image, { minFaceSize, thresholds }, context) {
      const bands = pyramidBands(image.width, image.height, minFaceSize);
      if (bands.length === 0) return [];
      // Taken out while it is in use: a second call that comes meanwhile gets memory of its own.
      const memory = spare;
      spare = undefined;
      const integral = createIntegralImage(image, memory);
      const run = createMtcnnRunner(integral, modelDir, context);
      const helpers = integral.memory === memory ? (context.helpers ?? []).slice(0, mostReaders - 1) : [];
      const share: Share = tasks => shareTasks(helpers, integral, tasks, run);
      try {
        const levels = await share(bands.map(band => ({ kind: 'propose', band, threshold: thresholds[0] })));
        const proposals = mergeLevels(
          bands.map(band => band.level),
          levels,
        );
        const refined = await refine(share, image, proposals, thresholds[1]);
        return await finish(share, image, refined, thresholds[2]);
      } finally {
        spare ??= memory;
      }
    },
  };
}

/** The boxes for R-Net, out of what P-Net proposes in each band; `levels` says which level a band is of. */
function mergeLevels(levels: readonly number[], answers: readonly Tables[]): Float32Array {
  const kept = [...new Set(levels)].map(level => {
    const ofLevel = answers.filter((_, i) => levels[i] === level);
    const [boxes, scores, regressions] = [0, 1, 2].map(k => joinTables(ofLevel.map(tables => tables[k]!)));
    const proposals = { boxes: boxes!, scores: scores! };
    const indices = suppressByUnion(proposals, 0.5, mostProposals);
    return { ...pickCandidates(proposals, indices), regressions: pickRows(regressions!, 4, indices) };
  });
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

async function refine(share: Share, size: PhotoSize, boxes: Float32Array, threshold: number): Promise<Float32Array> {
  const answer = await examine(share, size, boxes, refinement, threshold);
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

async function finish(share: Share, size: PhotoSize, boxes: Float32Array, threshold: number): Promise<DetectedFace[]> {
  const { candidates, rows } = await examine(share, size, boxes, output, threshold);
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
 * Cuts every box out, asks the net, and keeps what it is surer of than `threshold`. `rows` are the net's answers of those that
 * stay: logit difference, four regressions and whatever follows.
 */
async function examine(
  share: Share,
  { width, height }: PhotoSize,
  boxes: Float32Array,
  { net, size, columns, batch }: typeof refinement | typeof output,
  threshold: number,
): Promise<{ candidates: Candidates; rows: Float32Array }> {
  const regions: Region[] = [];
  const sources: number[] = [];
  for (let i = 0; i < boxes.length / 4; i++) {
    const region = clippedRegion(boxes, i, width, height);
    if (!region) continue;
    regions.push(region);
    sources.push(i);
  }
  const tasks = Array.from({ length: Math.ceil(regions.length / batch) }, (_, i): MtcnnTask => {
    return { kind: 'examine', net, size, columns, regions: regions.slice(i * batch, (i + 1) * batch) };
  });
  const answers = joinTables((await share(tasks)).flat());
  const scores = Float32Array.from(regions, (_, i) => toProbability(answers[i * columns]!));
  const sure = Uint32Array.from(regions.keys()).filter(i => scores[i]! > Math.fround(threshold));
  return {
    candidates: {
      boxes: pickRows(
        boxes,
        4,
        sure.map(i => sources[i]!),
      ),
      scores: pickRows(scores, 1, sure),
    },
    rows: pickRows(answers, columns, sure),
  };
}
