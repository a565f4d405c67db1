import type { Datatype } from '../core/datatype.ts';

/** `Float16Array` where the engine and TypeScript's library know it (Node 24, `lib: esnext`), else its shape. */
export type Float16Values = typeof globalThis extends { Float16Array: { readonly prototype: infer A } }
  ? A
  : ArrayBufferView & { readonly length: number; readonly [index: number]: number };

/**
 * What `valuesOf` gives for each datatype: a view into the received message where it is aligned, else one copy.
 * BOOL: 0 or 1. FP16 and BF16: bit patterns (`float16Values`, `float32Values` give numbers). BYTES: views.
 */
export type TensorValues = {
  readonly BOOL: Uint8Array;
  readonly UINT8: Uint8Array;
  readonly UINT16: Uint16Array;
  readonly UINT32: Uint32Array;
  readonly UINT64: BigUint64Array;
  readonly INT8: Int8Array;
  readonly INT16: Int16Array;
  readonly INT32: Int32Array;
  readonly INT64: BigInt64Array;
  readonly FP16: Uint16Array;
  readonly BF16: Uint16Array;
  readonly FP32: Float32Array;
  readonly FP64: Float64Array;
  readonly BYTES: readonly Uint8Array[];
};

/**
 * What `tensor` takes for each datatype. The array of `TensorValues` is sent as it is, uncopied; anything else is converted
 * once. Integers have to be in range; FP16 and BF16 are rounded to nearest; a `Uint16Array` holds their bit patterns.
 */
export type TensorInput = {
  readonly BOOL: Uint8Array | readonly boolean[];
  readonly UINT8: Uint8Array | Uint8ClampedArray | readonly number[];
  readonly UINT16: Uint16Array | readonly number[];
  readonly UINT32: Uint32Array | readonly number[];
  readonly UINT64: BigUint64Array | readonly bigint[];
  readonly INT8: Int8Array | readonly number[];
  readonly INT16: Int16Array | readonly number[];
  readonly INT32: Int32Array | readonly number[];
  readonly INT64: BigInt64Array | readonly bigint[];
  readonly FP16: Uint16Array | Float16Values | Float32Array | readonly number[];
  readonly BF16: Uint16Array | Float32Array | readonly number[];
  readonly FP32: Float32Array | readonly number[];
  readonly FP64: Float64Array | readonly number[];
  readonly BYTES: readonly (string | Uint8Array)[];
};

/** The typed array that holds a datatype's elements on the wire. */
export const arrayTypes = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const satisfies Readonly<Record<Exclude<Datatype, 'BYTES'>, unknown>>;
