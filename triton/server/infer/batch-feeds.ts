import type { BufferShelf } from '../../onnx-pool/buffer-shelf.ts';
import type { FeedPart, InferFeed } from '../../onnx-pool/infer-job.ts';
import { StatusError } from '../status-error.ts';
import type { CheckedRequest, ServedModel } from './served-model.ts';

/**
 * The inputs of requests of equal shapes as one batch's. What lies in a buffer of its request's own stays where it is; what does
 * not is copied into one, requests that follow each other together.
 * @throws StatusError
 */
export function batchFeeds(shelf: BufferShelf, model: ServedModel, requests: readonly CheckedRequest[]): InferFeed[] {
  const rows = requests.reduce((sum, { batchSize }) => sum + batchSize, 0);
  return model.inputs.map(({ name, datatype }, index) => {
    const first = requests[0]?.inputs[index];
    if (first === undefined) throw new StatusError('INTERNAL', `batch: input ${index} is missing`);
    const dims = model.config.maxBatchSize > 0 ? [rows, ...first.shape.slice(1)] : first.shape;
    return { name, datatype, dims, parts: partsOf(shelf, requests, index) };
  });
}

function partsOf(shelf: BufferShelf, requests: readonly CheckedRequest[], index: number): FeedPart[] {
  const parts: FeedPart[] = [];
  let loose: Uint8Array[] = [];
  const gather = (): void => {
    if (loose.length === 0) return;
    parts.push(concatenate(shelf, loose));
    loose = [];
  };
  for (const { inputs, buffer } of requests) {
    const data = inputs[index]?.data ?? new Uint8Array();
    if (buffer === undefined || data.buffer !== buffer) loose.push(data);
    else {
      gather();
      parts.push({ buffer, byteOffset: data.byteOffset, byteLength: data.byteLength });
    }
  }
  gather();
  return parts;
}

function concatenate(shelf: BufferShelf, parts: readonly Uint8Array[]): FeedPart {
  const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const buffer = shelf.take(byteLength);
  const bytes = new Uint8Array(buffer);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return { buffer, byteOffset: 0, byteLength };
}
