import { decodeBytesElements } from '../core/bytes-elements.ts';
import type { Datatype } from '../core/datatype.ts';
import { fromBfloat16Bits, fromFloat16Bits } from '../core/half-floats.ts';
import { type ArrayType, elementCount, type Tensor, viewAs } from '../core/tensor.ts';
import { arrayTypes, type Float16Values, type TensorValues } from './tensor-arrays.ts';
import { TritonError } from './triton-error.ts';

/**
 * The values of an output, row-major: `valuesOf(result.outputs.get('OUTPUT0'), 'FP32')`. A view where the bytes are aligned,
 * otherwise one copy; the elements of BYTES are views.
 * @throws TritonError `INVALID_ARGUMENT` when there is no such tensor or it is of another datatype, `INTERNAL` when its bytes
 * do not hold what its datatype and shape say
 */
export function valuesOf<D extends Datatype>(tensor: Tensor | undefined, datatype: D): TensorValues[D];
export function valuesOf(tensor: Tensor | undefined, datatype: Datatype): TensorValues[Datatype] {
  const { shape, data } = expectDatatype(tensor, [datatype]);
  if (datatype === 'BYTES') return elementsOf(data, shape);
  return view<TensorValues[Exclude<Datatype, 'BYTES'>]>(arrayTypes[datatype], data);
}

/** FP32 as `valuesOf` gives it; FP16 and BF16 widened into a new array, exactly. Throws as `valuesOf` does. */
export function float32Values(tensor: Tensor | undefined): Float32Array {
  const { datatype, data } = expectDatatype(tensor, ['FP32', 'FP16', 'BF16']);
  if (datatype === 'FP32') return view(Float32Array, data);
  return Float32Array.from(view(Uint16Array, data), datatype === 'FP16' ? fromFloat16Bits : fromBfloat16Bits);
}

/**
 * FP16 as the engine's `Float16Array`, a view where aligned. Throws as `valuesOf` does, and TritonError `UNIMPLEMENTED` on
 * engines without one (Node 22): `float32Values` works on all.
 */
export function float16Values(tensor: Tensor | undefined): Float16Values {
  const { data } = expectDatatype(tensor, ['FP16']);
  const arrayType: ArrayType<Float16Values> | undefined = Reflect.get(globalThis, 'Float16Array');
  if (arrayType !== undefined) return view(arrayType, data);
  throw new TritonError(
    'UNIMPLEMENTED',
    'this engine has no Float16Array: use float32Values, or valuesOf for the bits',
  );
}

/** The elements of BYTES read as UTF-8; what is no UTF-8 becomes U+FFFD. Throws as `valuesOf` does. */
export function stringValues(tensor: Tensor | undefined): string[] {
  return valuesOf(tensor, 'BYTES').map(element => utf8.decode(element));
}

/** One answer of Triton's classification extension. */
export type Classification = { readonly score: number; readonly index: number; readonly label: string | undefined };

/**
 * An output that was requested with `classes`, row-major: each element is `score:index` or `score:index:label`.
 * Throws as `valuesOf` does.
 * Source: https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_classification.md
 */
export function classificationsOf(tensor: Tensor | undefined): Classification[] {
  return stringValues(tensor).map(text => {
    const [, score, index, label] = /^([^:]+):(\d+)(?::(.*))?$/su.exec(text) ?? [];
    if (score === undefined) throw new TritonError('INTERNAL', `classification: expected score:index, got '${text}'`);
    return { score: Number(score), index: Number(index), label };
  });
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function expectDatatype(tensor: Tensor | undefined, datatypes: readonly Datatype[]): Tensor {
  const expected = datatypes.join(' or ');
  if (tensor === undefined) {
    throw new TritonError(
      'INVALID_ARGUMENT',
      `expected a tensor of ${expected}, got none: no such output in the answer`,
    );
  }
  if (datatypes.includes(tensor.datatype)) return tensor;
  throw new TritonError('INVALID_ARGUMENT', `expected a tensor of ${expected}, got ${tensor.datatype}`);
}

function elementsOf(data: Uint8Array, shape: readonly number[]): Uint8Array[] {
  const elements = translated(() => decodeBytesElements(data));
  const expected = elementCount(shape);
  if (elements.length === expected) return elements;
  throw new TritonError('INTERNAL', `expected ${expected} elements of BYTES [${shape}], got ${elements.length}`);
}

function view<A>(arrayType: ArrayType<A>, data: Uint8Array): A {
  return translated(() => viewAs(arrayType, data));
}

function translated<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new TritonError('INTERNAL', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
