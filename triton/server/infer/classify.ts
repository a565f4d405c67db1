import { encodeBytesElements } from '../../core/bytes-elements.ts';
import type { FixedDatatype } from '../../core/datatype.ts';
import { elementCount } from '../../core/tensor.ts';
import { StatusError } from '../status-error.ts';
import type { OutputTensor } from './served-model.ts';

type Reader = (view: DataView, index: number) => number | bigint;

/** The datatypes that have an order, as Triton sees it. */
const readers: Readonly<Partial<Record<OutputTensor['datatype'], Reader>>> = {
  UINT8: (view, index) => view.getUint8(index),
  INT8: (view, index) => view.getInt8(index),
  UINT16: (view, index) => view.getUint16(2 * index, true),
  INT16: (view, index) => view.getInt16(2 * index, true),
  UINT32: (view, index) => view.getUint32(4 * index, true),
  INT32: (view, index) => view.getInt32(4 * index, true),
  FP32: (view, index) => view.getFloat32(4 * index, true),
  UINT64: (view, index) => view.getBigUint64(8 * index, true),
  INT64: (view, index) => view.getBigInt64(8 * index, true),
  FP64: (view, index) => view.getFloat64(8 * index, true),
} satisfies Partial<Record<FixedDatatype, Reader>>;

/**
 * Triton's classification extension: of each row the `count` largest elements, largest first, as BYTES
 * `value:index` or `value:index:label`. A row is what follows the batch dimension, flattened; a model without batches has one.
 * Shape [rows, classes], or [classes]. Equal values keep their order, NaN comes last.
 * @param labels by index; an empty or missing one is left out
 * @throws StatusError `INVALID_ARGUMENT` for a datatype without an order (BOOL, FP16, BYTES)
 */
export function classify(
  { name, datatype, shape, data }: OutputTensor,
  count: number,
  labels: readonly string[],
  isBatched: boolean,
): OutputTensor {
  const read = readers[datatype];
  if (read === undefined) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `class result not available for output due to unsupported type '${datatype}'`,
    );
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const rows = isBatched ? (shape[0] ?? 0) : 1;
  const size = elementCount(isBatched ? shape.slice(1) : shape);
  const classes = Math.min(count, size);
  const texts: string[] = [];
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length: size }, (_, index) => ({ index, value: read(view, row * size + index) }));
    values.sort((a, b) => descending(a.value, b.value));
    for (const { index, value } of values.slice(0, classes)) {
      const isFloat = datatype === 'FP32' || datatype === 'FP64';
      const label = labels[index] ? `:${labels[index]}` : '';
      texts.push(`${isFloat ? fixed(Number(value)) : value}:${index}${label}`);
    }
  }
  return {
    name,
    datatype: 'BYTES',
    shape: isBatched ? [rows, classes] : [classes],
    data: encodeBytesElements(texts.map(text => new TextEncoder().encode(text))),
  };
}

function descending(a: number | bigint, b: number | bigint): number {
  if (a > b) return -1;
  if (a < b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** C's `%f`: six decimals, all digits of a large number. */
function fixed(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.000000`;
  return Object.is(value, -0) ? '-0.000000' : value.toFixed(6);
}
