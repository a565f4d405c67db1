import { encodeBytesElements } from '../core/bytes-elements.ts';
import { type Datatype, datatypeBytes, type FixedDatatype, isDatatype } from '../core/datatype.ts';
import { toBfloat16Bits, toFloat16Bits } from '../core/half-floats.ts';
import { elementCount } from '../core/tensor.ts';
import { arrayTypes, type TensorInput } from './tensor-arrays.ts';
import type { NamedTensor } from './triton-client.ts';
import { TritonError } from './triton-error.ts';

/**
 * An input of a request, row-major. The datatype's own typed array is sent from where it lies: it must not be changed before
 * the answer. Arrays of numbers, booleans and strings (as UTF-8) are converted once.
 *
 * `tensor('INPUT__0', 'UINT8', [1, 3, 160, 160], pixels)`
 * @throws TritonError `INVALID_ARGUMENT` when the values are too few or many, of another type, or out of the datatype's range
 */
export function tensor<D extends Datatype>(
  name: string,
  datatype: D,
  shape: readonly number[],
  values: TensorInput[D],
): NamedTensor {
  const fail = (message: string): never => {
    throw new TritonError('INVALID_ARGUMENT', `tensor '${name}': ${message}`);
  };
  if (!isDatatype(datatype)) return fail(`expected a datatype of the protocol, got '${datatype}'`);
  if (shape.some(size => !Number.isSafeInteger(size) || size < 0)) {
    return fail(`expected dimensions of at least 0, got [${shape}]`);
  }
  const count = elementCount(shape);
  if (values.length !== count) return fail(`expected ${count} values for ${datatype} [${shape}], got ${values.length}`);
  try {
    return { name, datatype, shape, data: toBytes(datatype, values) };
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

type AnyValues = TensorInput[Datatype];

function toBytes(datatype: Datatype, values: AnyValues): Uint8Array {
  if (datatype === 'BYTES') return encodeBytesElements(Array.from(values, toElement));
  if (!ArrayBuffer.isView(values)) return bytesOf(fromList(datatype, values));
  if (isOwnArray(datatype, values)) return bytesOf(values);
  if ((datatype === 'FP16' || datatype === 'BF16') && values instanceof Float32Array) {
    return bytesOf(fromList(datatype, values));
  }
  throw new TypeError(`expected ${arrayTypes[datatype].name} for ${datatype}, got ${values.constructor.name}`);
}

function toElement(value: unknown, index: number): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`expected strings or bytes, got ${typeof value} at index ${index}`);
}

/** Whether an array holds the datatype's elements as they travel. */
function isOwnArray(datatype: FixedDatatype, values: ArrayBufferView): boolean {
  if (datatype === 'UINT8' && values instanceof Uint8ClampedArray) return true;
  // Not by class: Node 22 has no Float16Array.
  if (datatype === 'FP16' && Object.prototype.toString.call(values) === '[object Float16Array]') return true;
  return values instanceof arrayTypes[datatype];
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function fromList(datatype: FixedDatatype, values: ArrayLike<unknown>): ArrayBufferView {
  switch (datatype) {
    case 'BOOL':
      return Uint8Array.from(allOf('boolean', values), Number);
    case 'FP16':
      return Uint16Array.from(allOf('number', values), toFloat16Bits);
    case 'BF16':
      return Uint16Array.from(allOf('number', values), toBfloat16Bits);
    case 'FP32':
    case 'FP64':
      return arrayTypes[datatype].from(allOf('number', values));
    case 'INT64':
    case 'UINT64':
      return inRange(datatype, values, arrayTypes[datatype].from(allOf('bigint', values)));
    default:
      return inRange(datatype, values, arrayTypes[datatype].from(allOf('number', values)));
  }
}

type Types = { readonly boolean: boolean; readonly bigint: bigint; readonly number: number };

function allOf<T extends keyof Types>(type: T, values: ArrayLike<unknown>): ArrayLike<Types[T]>;
function allOf(type: string, values: ArrayLike<unknown>): ArrayLike<unknown> {
  for (let index = 0; index < values.length; index++) {
    if (typeof values[index] !== type) {
      throw new TypeError(`expected ${type} values, got ${typeof values[index]} at index ${index}`);
    }
  }
  return values;
}

/** Typed arrays wrap what is out of range and cut fractions off; a value that was changed was not of the datatype. */
function inRange<A extends ArrayBufferView & ArrayLike<number | bigint>>(
  datatype: FixedDatatype,
  values: ArrayLike<unknown>,
  array: A,
): A {
  for (let index = 0; index < array.length; index++) {
    if (array[index] !== values[index]) {
      const bits = 8 * datatypeBytes[datatype];
      const kind = datatype.startsWith('U') ? 'unsigned' : 'signed';
      throw new RangeError(`expected ${kind} integers of ${bits} bits, got ${values[index]} at index ${index}`);
    }
  }
  return array;
}
