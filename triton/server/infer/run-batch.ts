import { skipBytesElements } from '../../core/bytes-elements.ts';
import { elementCount } from '../../core/tensor.ts';
import type { BufferShelf } from '../../onnx-pool/buffer-shelf.ts';
import {
  feedBuffers,
  type InferJobInput,
  type InferJobOutput,
  type InferJobTensor,
} from '../../onnx-pool/infer-job.ts';
import type { LentWorker } from '../../onnx-pool/job.ts';
import { PoolError } from '../../onnx-pool/pool-error.ts';
import { StatusError } from '../status-error.ts';
import { batchFeeds } from './batch-feeds.ts';
import type { CheckedRequest, OutputTensor, ServedModel } from './served-model.ts';

const inferJob = new URL('../../onnx-pool/infer-job.ts', import.meta.url);

export type BatchResult = {
  /** Of each request, in their order. */
  readonly outputs: readonly (readonly OutputTensor[])[];
  /** Time to bring the inputs to the model, in it, and to take its outputs apart. Waiting for a thread is in none of them. */
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
};

/**
 * Runs requests of equal shapes as one: their inputs travel to the worker, which puts them together, their outputs are views into
 * the batch's. Of a request that has a buffer of its own nothing can be read here after that.
 * @throws StatusError
 */
export async function runBatch(
  worker: LentWorker,
  shelf: BufferShelf,
  model: ServedModel,
  requests: readonly CheckedRequest[],
): Promise<BatchResult> {
  const begun = performance.now();
  const feeds = batchFeeds(shelf, model, requests);
  const wanted = new Set(requests.flatMap(({ outputs }) => outputs));
  const outputs = model.outputs.map(({ name }) => name).filter(name => wanted.has(name));
  const input: InferJobInput = { modelPath: model.modelPath, sessionId: model.sessionId, feeds, outputs };
  const gathered = performance.now();
  const { tensors, buffers, ...times } = await worker
    .run<InferJobInput, InferJobOutput>(inferJob, input, { transfer: feedBuffers(feeds) })
    .catch(error => {
      throw toStatusError(error, model);
    });
  const answered = performance.now();
  for (const buffer of buffers) shelf.put(buffer);
  const parts = split(model, requests, tensors);
  return {
    outputs: parts,
    inputMs: gathered - begun + times.inputMs,
    inferMs: times.inferMs,
    outputMs: times.outputMs + performance.now() - answered,
  };
}

/** Each request's rows of every output that it wants. */
function split(
  model: ServedModel,
  requests: readonly CheckedRequest[],
  tensors: readonly InferJobTensor[],
): OutputTensor[][] {
  if (model.config.maxBatchSize === 0) return requests.map(request => wantedOf(request, tensors).map(whole));
  const total = requests.reduce((sum, { batchSize }) => sum + batchSize, 0);
  const wrong = tensors.find(({ dims }) => dims[0] !== total);
  if (wrong !== undefined) {
    throw new StatusError(
      'INTERNAL',
      `output '${wrong.name}' for model '${model.name}': expected batch dimension ${total}, got shape [${wrong.dims}]`,
    );
  }
  const cut = tensors.map(tensor => ({ ...tensor, parts: cutRows(tensor, requests, total) }));
  return requests.map((request, index) =>
    wantedOf(request, cut).map(({ name, datatype, dims, parts }) => ({
      name,
      datatype,
      shape: [request.batchSize, ...dims.slice(1)],
      data: parts[index] ?? new Uint8Array(),
    })),
  );
}

/** The bytes of each request's rows. */
function cutRows(
  { datatype, dims, data }: InferJobTensor,
  requests: readonly CheckedRequest[],
  total: number,
): Uint8Array[] {
  const elementsPerRow = elementCount(dims.slice(1));
  const bytesPerRow = data.byteLength / total;
  let end = 0;
  return requests.map(({ batchSize }) => {
    const from = end;
    end =
      datatype === 'BYTES' ? skipBytesElements(data, from, batchSize * elementsPerRow) : from + batchSize * bytesPerRow;
    return data.subarray(from, end);
  });
}

function wantedOf<Named extends { readonly name: string }>(
  { outputs }: CheckedRequest,
  tensors: readonly Named[],
): readonly Named[] {
  return outputs.length === tensors.length ? tensors : tensors.filter(({ name }) => outputs.includes(name));
}

function whole({ name, datatype, dims, data }: InferJobTensor): OutputTensor {
  return { name, datatype, shape: dims, data };
}

function toStatusError(error: unknown, { name, version }: ServedModel): StatusError {
  if (error instanceof PoolError && error.code !== 'WORKER_DIED') {
    return new StatusError('UNAVAILABLE', error.message, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StatusError(
    'INTERNAL',
    `Failed to process the request(s) for model '${name}' version ${version}, message: ${reason}`,
    { cause: error },
  );
}
