import { randomFillSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { ModelInferRequestSchema } from '../../../proto/gen/grpc_service_pb.ts';
import { DataType, type ModelWarmup, type ModelWarmup_Input } from '../../../proto/gen/model_config_pb.ts';
import { datatypeBytes, isFixedDatatype } from '../../core/datatype.ts';
import { createBufferShelf } from '../../onnx-pool/buffer-shelf.ts';
import type { OnnxPool } from '../../onnx-pool/job.ts';
import { checkRequest } from '../infer/check-request.ts';
import { runBatch } from '../infer/run-batch.ts';
import { type CheckedRequest, requestPrefix, type ServedModel } from '../infer/served-model.ts';
import { StatusError } from '../status-error.ts';
import { protocolName } from './config-datatype.ts';

/** Of all inputs of a sample's batch: what a request may have. */
const maxBytes = 200 * 1024 * 1024;

/**
 * Runs the samples of `model_warmup` in every worker thread, as Triton runs them in every instance. A sample of batch size 0 is
 * left out, and one of count 0 runs once. Nobody asked for these runs: they are in no metric.
 * @param signal ends the warm-up before its next run
 * @throws StatusError that says what is wrong with a sample, in Triton's words; the signal's reason
 */
export async function warmUp(
  pool: OnnxPool,
  model: ServedModel,
  warmupDir: string,
  signal: AbortSignal,
): Promise<void> {
  const everywhere: Pick<OnnxPool, 'run'> = {
    async run<Input, Output>(job: URL, input: Input): Promise<Output> {
      const [output] = await pool.runEverywhere<Input, Output>(job, input);
      if (output === undefined) throw new Error('warm-up: expected an answer of at least one thread');
      return output;
    },
  };
  for (const sample of model.config.modelWarmup) {
    if (sample.batchSize === 0) continue;
    const batch = await sampleBatch(sample, model, warmupDir);
    for (let run = 0; run < Math.max(1, sample.count); run++) {
      signal.throwIfAborted();
      await runBatch(everywhere, createBufferShelf(0), model, batch).catch(error => {
        const text = `failed to run warmup sample '${sample.name}': ${error.message}; `;
        throw new StatusError('INVALID_ARGUMENT', text, { cause: error });
      });
    }
  }
}

/** The sample's request, as often as its batch is large. */
async function sampleBatch(
  { name, batchSize, inputs }: ModelWarmup,
  model: ServedModel,
  warmupDir: string,
): Promise<CheckedRequest[]> {
  const isBatched = model.config.maxBatchSize > 0;
  const largest = isBatched ? model.config.maxBatchSize : 1;
  // A real Triton 2.51 ends here; what it says of a request's batch is said of the sample's.
  if (batchSize > largest) throw invalid(`inference request batch-size must be <= ${largest} for '${model.name}'`);
  const items = Object.entries(inputs).map(([inputName, input]) => ({
    inputName,
    input,
    bytes: itemBytes(inputName, input),
  }));
  const bytes = batchSize * items.reduce((sum, item) => sum + item.bytes, 0);
  if (bytes > maxBytes) throw invalid(`warmup sample '${name}': expected at most ${maxBytes} bytes, got ${bytes}`);
  // Inputs that the model does not have are no part of the request, as in Triton.
  const known = items.filter(({ inputName }) => model.inputs.some(spec => spec.name === inputName));
  const request = create(ModelInferRequestSchema, { modelName: model.name });
  for (const { inputName, input, bytes } of known) {
    const shape = isBatched ? [1n, ...input.dims] : input.dims;
    request.inputs.push({
      $typeName: 'inference.ModelInferRequest.InferInputTensor',
      name: inputName,
      datatype: protocolName(input.dataType),
      shape,
      parameters: {},
    });
    request.rawInputContents.push(await itemData(inputName, input, bytes, warmupDir));
  }
  return new Array<CheckedRequest>(batchSize).fill(checkRequest(request, model));
}

/** Bytes of one item; a string of no letters has four. */
function itemBytes(name: string, { dataType, dims }: ModelWarmup_Input): number {
  if (dims.some(size => size < 0n)) {
    const text = `warmup setting expects all variable-size dimensions are specified for input '${name}'`;
    throw new StatusError('INVALID_ARGUMENT', text);
  }
  const datatype = protocolName(dataType);
  const elementBytes: number = isFixedDatatype(datatype) ? datatypeBytes[datatype] : 4;
  return dims.reduce((product, size) => product * Number(size), elementBytes);
}

async function itemData(
  name: string,
  { dataType, inputDataType }: ModelWarmup_Input,
  bytes: number,
  warmupDir: string,
): Promise<Uint8Array> {
  if (inputDataType.case === undefined) {
    throw invalid(`warmup setting expects input '${name}' to have input_data_type set`);
  }
  if (inputDataType.case === 'inputDataFile') return readSample(warmupDir, inputDataType.value, bytes);
  const data = new Uint8Array(bytes);
  if (inputDataType.case === 'zeroData' || dataType === DataType.TYPE_STRING) return data;
  randomFillSync(data);
  return dataType === DataType.TYPE_BOOL ? data.map(byte => byte & 1) : data;
}

/** The file's first bytes. Triton would read files outside of the folder too. */
async function readSample(warmupDir: string, name: string, bytes: number): Promise<Uint8Array> {
  const file = path.join(warmupDir, name);
  if (!file.startsWith(warmupDir + path.sep)) {
    throw invalid(`input_data_file: expected a file in the model's folder warmup, got '${name}'`);
  }
  const data = await readFile(file).catch(cause => {
    const reason = cause.code === 'ENOENT' ? 'No such file or directory' : cause.message;
    throw new StatusError('INTERNAL', `failed to open text file for read ${file}: ${reason}`, { cause });
  });
  if (data.byteLength >= bytes) return data.subarray(0, bytes);
  throw invalid(
    // The blank that is missing in Triton's text is missing here too.
    `warmup setting expects ${bytes} bytes, but the data provided from ${name}only has ${data.byteLength} bytes`,
  );
}

function invalid(text: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', `${requestPrefix('')} ${text}`);
}
