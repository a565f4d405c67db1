import { type Datatype, datatypeBytes, type FixedDatatype } from './datatype.ts';

/**
 * A tensor as it travels: row-major, little-endian bytes. `data.length` is the element count times the datatype's size;
 * for BYTES the lengths are in the data (`bytes-elements.ts`).
 */
export type Tensor = { readonly datatype: Datatype; readonly shape: readonly number[]; readonly data: Uint8Array };

/** Number of elements of a shape; 1 for a scalar (empty shape). */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, dimension) => count * dimension, 1);
}

/** Bytes that a tensor of this datatype and shape holds. */
export function byteSize(datatype: FixedDatatype, shape: readonly number[]): number {
  return elementCount(shape) * datatypeBytes[datatype];
}

/**
 * The bytes as float32 values. A view where the bytes are 4-byte aligned, otherwise one copy: protobuf hands out
 * views at any offset, and `new Float32Array(bytes.buffer, bytes.byteOffset)` throws when unaligned.
 */
export function toFloat32Array(bytes: Uint8Array): Float32Array {
  if (bytes.byteLength % 4 !== 0) throw new RangeError(`expected a multiple of 4 bytes, got ${bytes.byteLength}`);
  if (bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  // Not slice(): on a Buffer that is a view too.
  return new Float32Array(new Uint8Array(bytes).buffer);
}
