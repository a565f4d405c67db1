import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { takeWeight, type Weight, type Weights } from '../weights/weights.ts';
import { addConvolution, type Convolution, fromTensorFlow } from './convolution.ts';

/** The heads, finest map first: channels of the map they look at, and anchors per cell. */
const heads = [
  { channels: 512, anchors: 3 },
  { channels: 1024, anchors: 6 },
  { channels: 512, anchors: 6 },
  { channels: 256, anchors: 6 },
  { channels: 256, anchors: 6 },
  { channels: 128, anchors: 6 },
] as const;

const anchorCount = 5118;

/** A head's classes: background, face, and a third that face-api does not read. */
const classes = 3;
const faceClass = 1;

/** SSD's box coder: centres in tenths of the anchor's size, sizes in fifths of a natural logarithm. */
const centreDivisor = 10;
const sizeDivisor = 5;

/**
 * SSD's heads over its six feature maps and the decoding of boxes: adds the outputs `boxes` [n, 5118, 4] (x1, y1, x2, y2)
 * and `scores` [n, 5118]. Throws a WeightsError when a head's weights are not these.
 */
export function addSsdOutputs(graph: GraphBuilder, weights: Weights, features: readonly string[]): void {
  const logits: string[] = [];
  const encodedBoxes: string[] = [];
  for (const [i, { channels, anchors }] of heads.entries()) {
    const feature = features[i];
    if (feature === undefined)
      throw new RangeError(`SSD: expected ${heads.length} feature maps, got ${features.length}`);
    const name = `Prediction/BoxPredictor_${i}`;
    const classifier = takePredictor(weights, `${name}/ClassPredictor`, channels, anchors * classes);
    const faceOnly = takeRows(classifier, eachAnchor(anchors, classes, [faceClass]));
    logits.push(addHead(graph, `${name}/ClassPredictor`, feature, faceOnly, [0n, -1n]));
    // Stored as y, x, height, width.
    const encoder = takePredictor(weights, `${name}/BoxEncodingPredictor`, channels, anchors * 4);
    const xFirst = takeRows(encoder, eachAnchor(anchors, 4, [1, 0, 3, 2]));
    encodedBoxes.push(addHead(graph, `${name}/BoxEncodingPredictor`, feature, xFirst, [0n, -1n, 4n]));
  }
  graph.node('Sigmoid', [graph.node('Concat', logits, { axis: 1 })], {}, 'scores');
  graph.output('scores', 'FP32', ['n', anchorCount]);

  const encoded = graph.node('Concat', encodedBoxes, { axis: 1 });
  addBoxes(graph, encoded, takeWeight(weights, 'Output/extra_dim', [1, anchorCount, 4]));
  graph.output('boxes', 'FP32', ['n', anchorCount, 4]);
}

/** A 1 × 1 convolution whose values per anchor end up last: cells row by row, then the anchors of a cell. */
function addHead(
  graph: GraphBuilder,
  name: string,
  feature: string,
  head: Convolution,
  shape: readonly bigint[],
): string {
  const maps = addConvolution(graph, name, feature, head);
  const cells = graph.node('Transpose', [maps], { perm: [0, 2, 3, 1] });
  return graph.node('Reshape', [cells, graph.constant(`${name}/shape`, [shape.length], shape)]);
}

/** `boxes` from [n, 5118, 4] encoded x, y, width, height: centre ± half the size. */
function addBoxes(graph: GraphBuilder, encoded: string, anchors: Weight): string {
  const { centres, sizes } = toCentres(anchors);
  const shape = [1, anchorCount, 2];
  const steps = graph.constant(
    'anchors/steps',
    shape,
    sizes.map(size => size / centreDivisor),
  );
  const origins = graph.constant('anchors/centres', shape, centres);
  const halves = graph.constant(
    'anchors/halves',
    shape,
    sizes.map(size => size / 2),
  );
  const exponent = graph.constant('anchors/exponent', [], Float32Array.of(1 / sizeDivisor));

  const axis = graph.constant('boxes/axis', [1], [2n]);
  const bound = [0n, 2n, 4n].map(value => graph.constant(`boxes/bound_${value}`, [1], [value]));
  const offsets = graph.node('Slice', [encoded, bound[0]!, bound[1]!, axis]);
  const logSizes = graph.node('Slice', [encoded, bound[1]!, bound[2]!, axis]);

  const centre = graph.node('Add', [graph.node('Mul', [offsets, steps]), origins]);
  const growth = graph.node('Exp', [graph.node('Mul', [logSizes, exponent])]);
  const half = graph.node('Mul', [growth, halves]);
  const corners = [graph.node('Sub', [centre, half]), graph.node('Add', [centre, half])];
  return graph.node('Concat', corners, { axis: 2 }, 'boxes');
}

/** Anchors are published as corners y1, x1, y2, x2; the coder wants centres and sizes, x first. */
function toCentres({ data }: Weight): { centres: Float32Array; sizes: Float32Array } {
  const centres = new Float32Array(2 * anchorCount);
  const sizes = new Float32Array(2 * anchorCount);
  for (let anchor = 0; anchor < anchorCount; anchor++) {
    for (const [axis, stored] of [1, 0].entries()) {
      const from = data[4 * anchor + stored]!;
      const to = data[4 * anchor + stored + 2]!;
      centres[2 * anchor + axis] = (from + to) / 2;
      sizes[2 * anchor + axis] = to - from;
    }
  }
  return { centres, sizes };
}

function takePredictor(weights: Weights, name: string, channels: number, outputs: number): Convolution {
  return {
    filters: fromTensorFlow(takeWeight(weights, `${name}/weights`, [1, 1, channels, outputs])),
    bias: takeWeight(weights, `${name}/biases`, [outputs]).data,
  };
}

/** The output channels of every anchor, `chosen` of each one's `count`, in that order. */
function eachAnchor(anchors: number, count: number, chosen: readonly number[]): number[] {
  return Array.from({ length: anchors }, (_, anchor) => chosen.map(channel => anchor * count + channel)).flat();
}

/** The convolution with only these of its output channels, in this order. */
function takeRows({ filters, bias }: Convolution, rows: readonly number[]): Convolution {
  const size = filters.data.length / bias.length;
  const data = new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) data.set(filters.data.subarray(row * size, (row + 1) * size), i * size);
  const shape = [rows.length, ...filters.shape.slice(1)];
  return { filters: { shape, data }, bias: Float32Array.from(rows, row => bias[row]!) };
}
