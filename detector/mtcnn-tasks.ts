import path from 'node:path';
import type { JobContext } from '../triton/onnx-pool/job.ts';
import type { IntegralImage } from './core/integral-image.ts';
import { proposeBoxes } from './core/mtcnn-boxes.ts';
import type { PyramidBand } from './core/pyramid-bands.ts';
import { cellStride } from './core/pyramid-scales.ts';
import { type Region, resampleArea, wholeSquare } from './core/resample-area.ts';
import { openOnnxNet, takeOutput } from './onnx-net.ts';
import type { RunTask } from './share-tasks.ts';

/** A part of MTCNN's work on one photo that any thread can do. */
export type MtcnnTask =
  /** P-Net over a band. Gives the boxes, scores and regressions of `Proposals`. */
  | { readonly kind: 'propose'; readonly band: PyramidBand; readonly threshold: number }
  /** R-Net or O-Net over the photo's regions, cut out at `size` × `size`. Gives its answers, `columns` a region. */
  | {
      readonly kind: 'examine';
      readonly net: 'rnet.onnx' | 'onet.onnx';
      readonly size: number;
      readonly columns: number;
      readonly regions: readonly Region[];
    };

/** What runs MTCNN's tasks on one photo with this thread's sessions, one at a time; `reader` as of `resampleArea`. */
export function createMtcnnRunner(
  image: IntegralImage,
  modelDir: string,
  context: JobContext,
  reader = 0,
): RunTask<MtcnnTask> {
  let pixels = new Float32Array(0);
  const open = (net: string) => openOnnxNet(context, path.join(modelDir, net));

  function takePixels(length: number): Float32Array<ArrayBuffer> {
    if (pixels.length < length) pixels = new Float32Array(length);
    return pixels.subarray(0, length);
  }

  return async task => {
    if (task.kind === 'propose') {
      const { band, threshold } = task;
      const { width, rows } = band;
      const input = takePixels(3 * width * rows);
      resampleArea(image, { left: 0, top: 0, width: image.width, height: image.height }, band, input, 0, reader);
      const net = await open('pnet.onnx');
      const map = takeOutput(await net(input, [1, 3, rows, width]), 'output', [1, 5, -1, -1]);
      const [, , cellRows = 0, cellColumns = 0] = map.shape;
      const firstRow = band.top / cellStride;
      const found = proposeBoxes(map.data, cellColumns, cellRows, band.scale, threshold, firstRow);
      return [found.boxes, found.scores, found.regressions];
    }
    const { size, columns, regions } = task;
    const cropLength = 3 * size * size;
    const input = takePixels(regions.length * cropLength);
    const square = wholeSquare(size);
    for (const [i, region] of regions.entries()) resampleArea(image, region, square, input, i * cropLength, reader);
    const net = await open(task.net);
    const answer = takeOutput(await net(input, [regions.length, 3, size, size]), 'output', [regions.length, columns]);
    // A copy: the runtime's own memory need not be one that can change threads.
    return [Float32Array.from(answer.data)];
  };
}
