import type { ModelInferRequest, ModelInferRequest_InferInputTensor } from '../../../proto/gen/grpc_service_pb.ts';
import { datatypeBytes } from '../../core/datatype.ts';
import { StatusError } from '../status-error.ts';
import { checkStrings } from './check-strings.ts';
import { datatypeName } from './request-data.ts';
import { type CheckedInput, requestPrefix, type ServedModel, type TensorSpec } from './served-model.ts';

type Given = { readonly input: ModelInferRequest_InferInputTensor; readonly data: Uint8Array };

const batchNote =
  'NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input shape. If you want to specify the full shape including the batch dim in your input dims config, try setting max_batch_size to zero. See the model configuration docs for more info on max_batch_size.';

/**
 * Checks names, datatypes, shapes and sizes of a request that has the right number of inputs: the batch first, then input
 * by input, then bytes. Triton walks its inputs from the last to the first, so that is where the first error is.
 * @returns the inputs in the model's order
 * @throws StatusError `INVALID_ARGUMENT`
 */
export function checkShapes(
  request: ModelInferRequest,
  data: readonly Uint8Array[],
  model: ServedModel,
): { readonly batchSize: number; readonly inputs: CheckedInput[] } {
  const refuse = (text: string): never => {
    throw new StatusError('INVALID_ARGUMENT', `${requestPrefix(request.id)} ${text}`);
  };
  const given: Given[] = request.inputs
    .map((input, index) => ({ input, data: data[index] ?? new Uint8Array() }))
    .reverse();
  const isBatched = model.config.maxBatchSize > 0;
  const batchSize = isBatched ? checkBatch(given, model, refuse) : 0n;
  const pairs = given.map(one => {
    const spec = model.inputs.find(({ name }) => name === one.input.name);
    if (spec !== undefined) return { ...one, spec };
    // Without the request's id, unlike its neighbours.
    throw new StatusError(
      'INVALID_ARGUMENT',
      `unexpected inference input '${one.input.name}' for model '${model.name}'`,
    );
  });
  for (const { input, spec } of pairs) checkInput(input, spec, model, refuse);
  for (const { input, spec, data } of pairs) checkBytes(input, spec, data, model, batchSize, refuse);
  const inputs = model.inputs.map(spec => {
    const pair = pairs.find(({ input }) => input.name === spec.name);
    return { shape: pair?.input.shape.map(Number) ?? [], data: pair?.data ?? new Uint8Array() };
  });
  return { batchSize: Number(batchSize), inputs };
}

function checkBatch(given: readonly Given[], model: ServedModel, refuse: (text: string) => never): bigint {
  const { name, config } = model;
  const first = given[0]?.input.shape[0];
  for (const { input } of given) {
    const batch = input.shape[0];
    if (batch === undefined)
      return refuse(`input '${input.name}' has no shape but model requires batch dimension for '${name}'`);
    if (batch !== first) return refuse(`input '${input.name}' batch size does not match other inputs for '${name}'`);
  }
  const batchSize = first ?? 0n;
  // Triton keeps the batch size in 32 bits and compares it as signed: a negative one fails on its bytes instead, below.
  if (batchSize > BigInt(config.maxBatchSize)) {
    return refuse(`inference request batch-size must be <= ${config.maxBatchSize} for '${name}'`);
  }
  return batchSize;
}

function checkInput(
  { name, datatype, shape }: ModelInferRequest_InferInputTensor,
  spec: TensorSpec,
  model: ServedModel,
  refuse: (text: string) => never,
): void {
  if (datatype !== spec.datatype) {
    refuse(
      `inference input '${name}' data-type is '${datatypeName(datatype)}', but model '${model.name}' expects '${spec.datatype}'`,
    );
  }
  const isBatched = model.config.maxBatchSize > 0;
  const items = isBatched ? shape.slice(1) : shape;
  const matches =
    items.length === spec.dims.length && spec.dims.every((size, index) => size === -1 || BigInt(size) === items[index]);
  if (matches) return;
  const expected = isBatched ? [-1, ...spec.dims] : spec.dims;
  refuse(
    `unexpected shape for input '${name}' for model '${model.name}'. Expected [${expected}], got [${shape}]. ${isBatched ? batchNote : ''}`,
  );
}

function checkBytes(
  { name, shape }: ModelInferRequest_InferInputTensor,
  spec: TensorSpec,
  data: Uint8Array,
  model: ServedModel,
  batchSize: bigint,
  refuse: (text: string) => never,
): void {
  const isBatched = model.config.maxBatchSize > 0;
  const items = isBatched ? shape.slice(1) : shape;
  if (items.includes(-1n)) {
    refuse(`All input dimensions should be specified for input '${name}' for model '${model.name}', got [${shape}]`);
  }
  // A batch of 0 counts as one item in Triton's arithmetic, a negative one as 2^32 minus it.
  const rows = isBatched && batchSize !== 0n ? BigInt.asUintN(32, batchSize) : 1n;
  const count = items.reduce((product, size) => product * size, rows);
  if (spec.datatype === 'BYTES') checkStrings(data, count, name, model.name, refuse);
  else {
    const expected = count * BigInt(datatypeBytes[spec.datatype]);
    if (expected !== BigInt(data.byteLength) || items.some(size => size < 0n)) {
      refuse(
        `input byte size mismatch for input '${name}' for model '${model.name}'. Expected ${expected}, got ${data.byteLength}`,
      );
    }
  }
  if (!isBatched || batchSize > 0n) return;
  // Triton passes this on to the model, where it fails with an error of the runtime.
  refuse(`input '${name}' for model '${model.name}': expected a batch size of at least 1, got ${batchSize}`);
}
