import type { ModelInferRequest, ModelInferRequest_InferInputTensor } from '../../../proto/gen/grpc_service_pb.ts';
import { datatypeBytes } from '../../core/datatype.ts';
import { StatusError } from '../status-error.ts';
import { checkStrings } from './check-strings.ts';
import { datatypeName } from './request-data.ts';
import { type CheckedInput, requestPrefix, type ServedModel, type TensorSpec } from './served-model.ts';

type Given = {
  readonly input: ModelInferRequest_InferInputTensor;
  readonly data: Uint8Array;
  readonly spec: TensorSpec;
};

const batchNote =
  'NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input shape. If you want to specify the full shape including the batch dim in your input dims config, try setting max_batch_size to zero. See the model configuration docs for more info on max_batch_size.';

/**
 * Checks names, datatypes, shapes and sizes of a request that has the right number of inputs: names and the batch first, then input
 * by input datatype, shape and bytes. Triton walks its inputs from the last to the first, so that is where the first error is.
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
  const given = request.inputs.map((input, index) => ({ input, data: data[index] ?? new Uint8Array() })).reverse();
  const isBatched = model.config.maxBatchSize > 0;
  const batchSize = isBatched ? checkBatch(given, model, refuse) : 0n;
  const pairs: Given[] = given.map(one => ({ ...one, spec: specOf(one.input, model) }));
  for (const pair of pairs) {
    checkInput(pair.input, pair.spec, model, refuse);
    checkBytes(pair, model, batchSize, refuse);
  }
  if (isBatched) refuseBatch(batchSize, model, refuse);
  const inputs = model.inputs.map(spec => {
    const pair = pairs.find(({ input }) => input.name === spec.name);
    return { shape: pair?.input.shape.map(Number) ?? [], data: pair?.data ?? new Uint8Array() };
  });
  return { batchSize: Number(batchSize), inputs };
}

/** @throws StatusError without the request's id, unlike its neighbours */
function specOf({ name }: ModelInferRequest_InferInputTensor, model: ServedModel): TensorSpec {
  const spec = model.inputs.find(one => one.name === name);
  if (spec !== undefined) return spec;
  throw new StatusError('INVALID_ARGUMENT', `unexpected inference input '${name}' for model '${model.name}'`);
}

/**
 * The batch size as Triton keeps it: in 32 bits without a sign, where 0 stands for one that no input has told yet.
 * @throws StatusError
 */
function checkBatch(
  given: readonly Omit<Given, 'spec'>[],
  model: ServedModel,
  refuse: (text: string) => never,
): bigint {
  const { name, config } = model;
  let batchSize = 0n;
  for (const { input } of given) {
    specOf(input, model);
    const batch = input.shape[0];
    if (batch === undefined) {
      return refuse(`input '${input.name}' has no shape but model requires batch dimension for '${name}'`);
    }
    if (batchSize === 0n) batchSize = BigInt.asUintN(32, batch);
    else if (batch !== batchSize) {
      return refuse(`input '${input.name}' batch size does not match other inputs for '${name}'`);
    }
  }
  // Here it has a sign: a negative one goes on, and fails on its bytes.
  if (BigInt.asIntN(32, batchSize) > BigInt(config.maxBatchSize)) {
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
  const wrong = items.findIndex((size, axis) => size === -1n || !fits(spec.dims[axis], size));
  const isOfRank = items.length === spec.dims.length;
  if (isOfRank && wrong === -1) return;
  if (isOfRank && items[wrong] === -1n) {
    refuse(`All input dimensions should be specified for input '${name}' for model '${model.name}', got [${shape}]`);
  }
  const expected = isBatched ? [-1, ...spec.dims] : spec.dims;
  refuse(
    `unexpected shape for input '${name}' for model '${model.name}'. Expected [${expected}], got [${shape}]. ${isBatched ? batchNote : ''}`,
  );
}

function fits(expected: number | undefined, size: bigint): boolean {
  return expected === -1 || (expected !== undefined && BigInt(expected) === size);
}

function checkBytes(
  { input: { name, shape }, spec, data }: Given,
  model: ServedModel,
  batchSize: bigint,
  refuse: (text: string) => never,
): void {
  const items = model.config.maxBatchSize > 0 ? shape.slice(1) : shape;
  // A batch of 0, that is none that was told, counts as one item.
  const count = items.reduce((product, size) => product * size, batchSize || 1n);
  if (spec.datatype === 'BYTES') {
    checkStrings(data, count, name, model.name, refuse);
    return;
  }
  const expected = count * BigInt(datatypeBytes[spec.datatype]);
  if (expected === BigInt(data.byteLength) && items.every(size => size >= 0n)) return;
  refuse(
    `input byte size mismatch for input '${name}' for model '${model.name}'. Expected ${expected}, got ${data.byteLength}`,
  );
}

/** What is left of batches that are none, after every other check. */
function refuseBatch(batchSize: bigint, { name, config }: ServedModel, refuse: (text: string) => never): void {
  if (batchSize > BigInt(config.maxBatchSize)) {
    // A negative one of tensors without elements has the right size, and gets as far as a model instance of Triton's.
    throw new StatusError('INTERNAL', `batch size ${batchSize} for '${name}_0', max allowed is ${config.maxBatchSize}`);
  }
  // Triton passes this on to the model, where it fails with an error of the runtime.
  if (batchSize === 0n) refuse(`model '${name}': expected a batch size of at least 1, got 0`);
}
