import { overhang } from './pixel-kernels/kernels-on-image.ts';
import { createTableMemory, type TableMemory, tableKernels } from './pixel-kernels/table-kernels.ts';
import type { RgbImage } from './rgb-image.ts';

/**
 * Summed-area table (Crow 1984) of an RGB image: `sums[((y * (width + 1)) + x) * 3 + c]` is the sum of channel c over the
 * rows before y and the columns before x. The sums wrap around at 2³² and are right nonetheless: only differences are read,
 * and those of any region under 8 million pixels fit.
 */
export type IntegralImage = {
  readonly width: number;
  readonly height: number;
  /** Of the kernels: the sums from its beginning on, and behind them room for each thread that reads them. */
  readonly memory: TableMemory;
};

/** Threads that may read a table at once. */
export const mostReaders = 4;

/** Bytes of each reader's room. */
export const readerBytes = 128 * 1024;

/** Rows of bytes that are copied into the kernels' memory at once: they stay in the processor's cache. */
const rowsAtOnce = 16;

/** Memory for the table of an image of this size, or of a smaller one, that may be posted to the threads that help. */
export function createSharedTable(size: Pick<IntegralImage, 'width' | 'height'>): TableMemory {
  return createTableMemory(layoutOf(size).bytes, { shared: true });
}

/**
 * Sums an image up. `memory` is used when it is large enough (the memory is what costs most here), and must not be written while the
 * table is in use; otherwise it gets one of its own, which is not shared.
 */
export function createIntegralImage({ width, height, data }: RgbImage, memory?: TableMemory): IntegralImage {
  const { stride, stripAt, bytes } = layoutOf({ width, height });
  const isEnough = memory !== undefined && memory.buffer.byteLength >= bytes;
  const table = { width, height, memory: isEnough ? memory : createTableMemory(bytes, { shared: false }) };
  const run = tableKernels(table.memory);
  const strip = new Uint8Array(table.memory.buffer, stripAt);
  new Int32Array(table.memory.buffer, 0, stride).fill(0);
  for (let y = 0; y < height; y += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, height - y);
    strip.set(data.subarray(3 * width * y, 3 * width * (y + rows)));
    run.sum_rows(stripAt, width, rows, 4 * stride * y);
  }
  return table;
}

/** A row's length in the table, in values, and where a reader's room begins, in bytes. Throws RangeError for a reader too many. */
export function tableLayout(size: Pick<IntegralImage, 'width' | 'height'>, reader: number) {
  if (reader >= mostReaders) throw new RangeError(`reader: expected less than ${mostReaders}, got ${reader}`);
  const { stride, roomsAt } = layoutOf(size);
  return { stride, roomAt: roomsAt + reader * readerBytes };
}

function layoutOf({ width, height }: Pick<IntegralImage, 'width' | 'height'>) {
  const stride = 3 * (width + 1);
  const roomsAt = Math.ceil((4 * stride * (height + 1) + overhang) / 16) * 16;
  const stripAt = roomsAt + mostReaders * readerBytes;
  return { stride, roomsAt, stripAt, bytes: stripAt + 3 * width * rowsAtOnce + overhang };
}
