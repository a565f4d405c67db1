import { elementCount } from '../core/tensor.ts';
import { createBufferShelf } from './buffer-shelf.ts';
import type { Job, Tensor } from './job.ts';
import { fromOnnxData, fromOnnxType, type OnnxDatatype, onnxType, toOnnxData } from './onnx-datatype.ts';

/** Bytes of a tensor, somewhere in a buffer that may be longer: the server keeps buffers and uses them again. */
export type FeedPart = { readonly buffer: ArrayBuffer; readonly byteOffset: number; readonly byteLength: number };

/** A tensor of raw bytes: its parts, one behind the other. */
export type InferFeed = {
  readonly name: string;
  readonly datatype: OnnxDatatype;
  readonly dims: readonly number[];
  readonly parts: readonly FeedPart[];
};

export type InferJobInput = {
  readonly modelPath: string;
  /** As in `JobContext.session`. */
  readonly sessionId?: string;
  readonly feeds: readonly InferFeed[];
  readonly outputs: readonly string[];
};

export type InferJobTensor = {
  readonly name: string;
  readonly datatype: OnnxDatatype;
  readonly dims: readonly number[];
  readonly data: Uint8Array<ArrayBuffer>;
};

export type InferJobOutput = {
  readonly tensors: readonly InferJobTensor[];
  /** The feeds' own, handed back, each once. */
  readonly buffers: readonly ArrayBuffer[];
  /** Time before, in and after `session.run`. */
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
};

/** Every element's size divides it. */
const alignment = 8;

/** This thread's: batches are put together in it. Most models have one input. */
const shelf = createBufferShelf(2, 32 * 1024 * 1024);

/** One `session.run`. Every buffer comes in and goes out by transfer; inputs in several parts are copied together here. */
const infer: Job<InferJobInput, InferJobOutput> = async ({ modelPath, sessionId, feeds, outputs }, context) => {
  const begun = performance.now();
  const session = await context.session(modelPath, sessionId);
  const tensors: Record<string, Tensor> = {};
  const gathered: ArrayBuffer[] = [];
  for (const { name, datatype, dims, parts } of feeds) {
    const bytes = bytesOf(parts, gathered);
    tensors[name] = new context.Tensor(onnxType(datatype), toOnnxData(datatype, bytes, elementCount(dims)), dims);
  }
  const fed = performance.now();
  const fetched = await session.run(tensors, [...outputs]);
  const ran = performance.now();
  for (const buffer of gathered) shelf.put(buffer);
  const results = outputs.map(name => toJobTensor(name, fetched[name]));
  const buffers = feedBuffers(feeds);
  const times = { inputMs: fed - begun, inferMs: ran - fed, outputMs: performance.now() - ran };
  return {
    output: { tensors: results, buffers, ...times },
    transfer: [...new Set([...results.map(tensor => tensor.data.buffer), ...buffers])],
  };
};

export default infer;

/** The buffers that feeds lie in, each once. */
export function feedBuffers(feeds: readonly InferFeed[]): ArrayBuffer[] {
  return [...new Set(feeds.flatMap(({ parts }) => parts.map(({ buffer }) => buffer)))];
}

/** Where they are when they are whole and aligned, otherwise in a buffer that is added to `gathered`. */
function bytesOf(parts: readonly FeedPart[], gathered: ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const [first] = parts;
  if (first !== undefined && parts.length === 1 && first.byteOffset % alignment === 0) {
    return new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
  }
  const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const buffer = shelf.take(byteLength);
  gathered.push(buffer);
  const bytes = new Uint8Array(buffer, 0, byteLength);
  let offset = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset);
    offset += part.byteLength;
  }
  return bytes;
}

function toJobTensor(name: string, tensor: Tensor | undefined): InferJobTensor {
  const datatype = tensor === undefined ? undefined : fromOnnxType(tensor.type);
  if (tensor === undefined || datatype === undefined) {
    throw new Error(
      `output '${name}': expected a tensor of a datatype of the protocol, got ${tensor?.type ?? 'nothing'}`,
    );
  }
  return { name, datatype, dims: tensor.dims, data: fromOnnxData(tensor.data) };
}
