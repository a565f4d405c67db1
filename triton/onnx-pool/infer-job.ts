import { elementCount } from '../core/tensor.ts';
import type { Job, Tensor } from './job.ts';
import { fromOnnxType, type OnnxDatatype, onnxType, typedView } from './onnx-datatype.ts';

/** Row-major bytes at the start of a buffer that may be longer: the server keeps buffers and uses them again. */
export type InferFeed = {
  readonly name: string;
  readonly datatype: OnnxDatatype;
  readonly dims: readonly number[];
  readonly buffer: ArrayBuffer;
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
  /** The feeds' own, handed back. */
  readonly buffers: readonly ArrayBuffer[];
  /** Time before, in and after `session.run`. */
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
};

/** One `session.run`. Every buffer comes in and goes out by transfer, so nothing is copied between threads. */
const infer: Job<InferJobInput, InferJobOutput> = async ({ modelPath, sessionId, feeds, outputs }, context) => {
  const begun = performance.now();
  const session = await context.session(modelPath, sessionId);
  const tensors: Record<string, Tensor> = {};
  for (const { name, datatype, dims, buffer } of feeds) {
    tensors[name] = new context.Tensor(onnxType(datatype), typedView(datatype, buffer, elementCount(dims)), dims);
  }
  const fed = performance.now();
  const fetched = await session.run(tensors, [...outputs]);
  const ran = performance.now();
  const results = outputs.map(name => toJobTensor(name, fetched[name]));
  const buffers = feeds.map(feed => feed.buffer);
  const times = { inputMs: fed - begun, inferMs: ran - fed, outputMs: performance.now() - ran };
  return {
    output: { tensors: results, buffers, ...times },
    transfer: [...new Set([...results.map(tensor => tensor.data.buffer), ...buffers])],
  };
};

export default infer;

function toJobTensor(name: string, tensor: Tensor | undefined): InferJobTensor {
  const datatype = tensor === undefined ? undefined : fromOnnxType(tensor.type);
  if (tensor === undefined || datatype === undefined || !ArrayBuffer.isView(tensor.data)) {
    throw new Error(`output '${name}': expected a tensor of fixed-size elements, got ${tensor?.type ?? 'nothing'}`);
  }
  const { buffer, byteOffset, byteLength } = tensor.data;
  if (!(buffer instanceof ArrayBuffer)) throw new Error(`output '${name}': expected memory that can change threads`);
  return { name, datatype, dims: tensor.dims, data: new Uint8Array(buffer, byteOffset, byteLength) };
}
