import type { Weight } from './weights.ts';

/** The weight with its axes in another order: axis `i` of the result is axis `order[i]` of the weight. Copies. */
export function permute(weight: Weight, order: readonly number[]): Weight {
  const rank = weight.shape.length;
  if (order.length !== rank || new Set(order).size !== rank || order.some(axis => weight.shape[axis] === undefined)) {
    throw new RangeError(`permute: expected an order of ${rank} axes, got [${order.join(',')}]`);
  }
  const shape = order.map(axis => weight.shape[axis]!);
  const sourceStrides = rowMajorStrides(weight.shape);
  return {
    shape,
    data: gather(
      weight.data,
      0,
      shape,
      order.map(axis => sourceStrides[axis]!),
    ),
  };
}

/**
 * The elements `source[offset + Σ index[i] · strides[i]]` of every index of `shape`, row-major. The caller has made sure
 * that all of them lie within `source`.
 */
export function gather(
  source: Float32Array,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  // Already in order, as almost every tensor of a file is: millions of elements are copied at once.
  const inOrder = rowMajorStrides(shape).every((stride, axis) => shape[axis] === 1 || stride === strides[axis]);
  if (inOrder) return source.slice(offset, offset + count);
  const data = new Float32Array(count);
  const index = new Array<number>(shape.length).fill(0);
  let position = offset;
  for (let i = 0; i < count; i++) {
    data[i] = source[position]!;
    // Counts up like an odometer: the last axis first, carrying into the one before it.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return data;
}

function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}
