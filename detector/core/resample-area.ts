import { type IntegralImage, readerBytes, tableLayout } from './integral-image.ts';
import { tableKernels } from './pixel-kernels/table-kernels.ts';

/** A part of an image in whole pixels: columns `left … left + width - 1`, rows likewise; inside the image, not empty. */
export type Region = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

/** Rows `top … top + rows - 1` of a picture of `width` × `height`. */
export type Rows = { readonly width: number; readonly height: number; readonly top: number; readonly rows: number };

/** The whole of a square picture. */
export function wholeSquare(size: number): Rows {
  return { width: size, height: size, top: 0, rows: size };
}

/** What the kernel makes at once. */
const mostColumns = 2048;
const mostRows = 512;

/** A reader's room, in bytes from its beginning: the bounds of columns and of rows, then the planes that are made. */
const room = {
  starts: 0,
  ends: 4 * mostColumns,
  tops: 8 * mostColumns,
  bottoms: 8 * mostColumns + 4 * mostRows,
  planes: 8 * (mostColumns + mostRows),
};
const mostPixels = Math.floor((readerBytes - room.planes) / 12);

/** Output pixels `from … from + count - 1` of `output` along a side, of the input's `input` pixels from `begin` on. */
type Span = {
  readonly from: number;
  readonly count: number;
  readonly begin: number;
  readonly input: number;
  readonly output: number;
};

/**
 * Resizes a region to `width` × `height` by area: output pixel i is the mean of the input pixels floor(i·in/out) up to
 * ceil((i+1)·in/out), in both directions. That is PyTorch's `interpolate(mode='area')` (adaptive average pooling), enlarging
 * included. Writes three planes (R, G, B) of the wanted rows, values 0..255, to `target` from `offset` on. `reader` tells threads
 * apart that read the same table at once, from 0.
 */
export function resampleArea(
  image: IntegralImage,
  region: Region,
  { width, height, top, rows }: Rows,
  target: Float32Array,
  offset: number,
  reader = 0,
): void {
  const makeBlock = openRoom(image, reader);
  for (let x = 0; x < width; x += mostColumns) {
    const columns = Math.min(mostColumns, width - x);
    const across = { from: x, count: columns, begin: region.left, input: region.width, output: width };
    const rowsAtOnce = Math.min(mostRows, Math.floor(mostPixels / columns));
    for (let y = 0; y < rows; y += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - y);
      const down = { from: top + y, count, begin: region.top, input: region.height, output: height };
      const planes = makeBlock(across, down);
      for (let c = 0; c < 3; c++) {
        const plane = planes.subarray(c * columns * count, (c + 1) * columns * count);
        copyRows(plane, columns, target, offset + (c * rows + y) * width + x, width);
      }
    }
  }
}

/** Makes blocks of a resized region in the reader's room; each is there until the next. */
function openRoom(image: IntegralImage, reader: number): (across: Span, down: Span) => Float32Array {
  const { stride, roomAt } = tableLayout(image, reader);
  const { buffer } = image.memory;
  const run = tableKernels(image.memory);
  const [starts, ends] = [roomAt + room.starts, roomAt + room.ends];
  const [tops, bottoms] = [roomAt + room.tops, roomAt + room.bottoms];
  const planes = roomAt + room.planes;
  return (across, down) => {
    setBounds(new Int32Array(buffer, starts), new Int32Array(buffer, ends), across);
    setBounds(new Int32Array(buffer, tops), new Int32Array(buffer, bottoms), down);
    run.mean_of_areas(0, stride, tops, bottoms, down.count, starts, ends, across.count, planes);
    return new Float32Array(buffer, planes, 3 * across.count * down.count);
  };
}

/** The input pixels of each output pixel: from its start up to its end. */
function setBounds(starts: Int32Array, ends: Int32Array, { from, count, begin, input, output }: Span): void {
  for (let i = 0; i < count; i++) {
    starts[i] = begin + Math.floor(((from + i) * input) / output);
    ends[i] = begin + Math.ceil(((from + i + 1) * input) / output);
  }
}

/** Rows of `length` values to `target`, from `to` on in steps of `step`. */
function copyRows(rows: Float32Array, length: number, target: Float32Array, to: number, step: number): void {
  if (length === step) {
    target.set(rows, to);
    return;
  }
  for (let from = 0; from < rows.length; from += length) {
    target.set(rows.subarray(from, from + length), to);
    to += step;
  }
}
