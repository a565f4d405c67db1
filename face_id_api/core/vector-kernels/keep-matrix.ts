import { compileKernels, pageBytes } from '../../../detector/core/compile-kernels.ts';
import { kernels } from './kernels.ts';

/** A square matrix in float32, which is kept for as long as the thread runs. */
export type KeptMatrix = {
  /** Summed in float32, four values at a time: every search does it to its probe. */
  times(vector: Float32Array): Float32Array;
  /** The transposed matrix times the vector, summed in float64. */
  transposedTimes(vector: Float32Array): Float32Array;
};

/** A function of vector-kernels.c; every pointer is a byte offset in the memory. */
type Multiply = (matrix: number, values: number, size: number, product: number) => void;
type Kernels = Record<'multiply' | 'multiply_transposed', Multiply>;
type Room = { readonly run: Kernels; readonly memory: WebAssembly.Memory };

/** Values that are read at a time: sizes between are filled up with zeros. */
const lanes = 4;

/** One memory for all matrices, because each reserves gigabytes of addresses. */
let room: Room | undefined;
let bytesUsed = 0;

/** @param rows row-major, `size` × `size` */
export function keepMatrix(rows: Float64Array, size: number): KeptMatrix {
  if (rows.length !== size * size) throw new RangeError(`rows: expected ${size} × ${size} values, got ${rows.length}`);
  room ??= openRoom();
  const { run, memory } = room;
  const padded = Math.ceil(size / lanes) * lanes;
  const matrix = take(memory, 4 * padded * padded);
  const vectors = take(memory, 8 * padded);
  const kept = new Float32Array(memory.buffer, matrix, padded * padded);
  for (let row = 0; row < size; row++) kept.set(rows.subarray(row * size, (row + 1) * size), row * padded);
  /** The vector, and behind it the product. */
  let view = new Float32Array(memory.buffer, vectors, 2 * padded);

  function multiplied(multiply: Multiply, vector: Float32Array): Float32Array {
    if (vector.length !== size) throw new RangeError(`vector: expected ${size} values, got ${vector.length}`);
    // Once the memory has grown its buffer is another one, and the old one's views have no length.
    if (view.length === 0) view = new Float32Array(memory.buffer, vectors, 2 * padded);
    view.set(vector);
    multiply(matrix, vectors, padded, vectors + 4 * padded);
    return view.slice(padded, padded + size);
  }

  return {
    times: vector => multiplied(run.multiply, vector),
    transposedTimes: vector => multiplied(run.multiply_transposed, vector),
  };
}

function openRoom(): Room {
  const memory = new WebAssembly.Memory({ initial: 1 });
  // The module's functions are those of the source beside it.
  const run = new WebAssembly.Instance(compileKernels(kernels), { env: { memory } }).exports as Kernels;
  return { run, memory };
}

/** Room of zeros for so many bytes, a multiple of 16. */
function take(memory: WebAssembly.Memory, bytes: number): number {
  const offset = bytesUsed;
  bytesUsed += Math.ceil(bytes / 16) * 16;
  const lacking = bytesUsed - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / pageBytes));
  return offset;
}
