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

/** A typed array that can be laid over bytes. */
export type ArrayType<A> = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): A;
};

/**
 * Little-endian bytes as the values of a typed array. A view where the bytes are aligned to its elements, otherwise one
 * copy: protobuf hands out views at any offset, and `new Float32Array(bytes.buffer, bytes.byteOffset)` throws when unaligned.
 * @throws RangeError when the bytes are no whole number of elements
 */
export function viewAs<A>(arrayType: ArrayType<A>, bytes: Uint8Array): A {
  const { buffer, byteOffset, byteLength } = bytes;
  const size = arrayType.BYTES_PER_ELEMENT;
  if (byteLength % size !== 0) throw new RangeError(`expected a multiple of ${size} bytes, got ${byteLength}`);
  if (byteOffset % size === 0) return new arrayType(buffer, byteOffset, byteLength / size);
  // Not slice(): on a Buffer that is a view too.
  return new arrayType(new Uint8Array(bytes).buffer);
}

/** The bytes as float32 values, as `viewAs` gives them. */
export function toFloat32Array(bytes: Uint8Array): Float32Array {
  return viewAs(Float32Array, bytes);
}
