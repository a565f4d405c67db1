import { elementCount } from '../core/tensor.ts';
import type { Job, Tensor } from './job.ts';
import { fromOnnxData, fromOnnxType, type OnnxDatatype, onnxType, toOnnxData } from './onnx-datatype.ts';

/** `byteLength` raw bytes at the start of a buffer that may be longer: the server keeps buffers and uses them again. */
export type InferFeed = {
  readonly name: string;
  readonly datatype: OnnxDatatype;
  readonly dims: readonly number[];
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
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
  for (const { name, datatype, dims, buffer, byteLength } of feeds) {
    const data = toOnnxData(datatype, new Uint8Array(buffer, 0, byteLength), elementCount(dims));
    tensors[name] = new context.Tensor(onnxType(datatype), data, dims);
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
  if (tensor === undefined || datatype === undefined) {
    throw new Error(
      `output '${name}': expected a tensor of a datatype of the protocol, got ${tensor?.type ?? 'nothing'}`,
    );
  }
  return { name, datatype, dims: tensor.dims, data: fromOnnxData(tensor.data) };
}
