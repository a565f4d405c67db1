import type { ModelInferRequest } from '../../../proto/gen/grpc_service_pb.ts';
import { StatusError } from '../status-error.ts';
import { checkParameters } from './check-parameters.ts';
import { checkShapes } from './check-shapes.ts';
import { requestData } from './request-data.ts';
import { type ClassCounts, requestedClasses, requestedOutputs } from './requested-outputs.ts';
import { type CheckedRequest, requestPrefix, type ServedModel } from './served-model.ts';

/**
 * Checks a request against its model, in the order and with the texts of a real Triton 2.51: parameters, inputs named twice,
 * data, outputs' parameters, outputs, number of inputs, then shapes and sizes (`checkShapes`).
 * @param buffer as in CheckedRequest
 * @throws StatusError
 */
export function checkRequest(
  request: ModelInferRequest,
  model: ServedModel,
  buffer?: ArrayBuffer,
): CheckedRequest & { readonly classes: ClassCounts } {
  checkParameters(request.parameters);
  refuseDuplicates(request);
  const data = requestData(request);
  const classes = requestedClasses(request);
  const outputs = requestedOutputs(request, model);
  checkInputCount(request, model);
  const { inputs, batchSize } = checkShapes(request, data, model);
  return {
    id: request.id,
    batchSize,
    shapeKey: inputs.map(({ shape }) => shape.slice(1).join()).join(';'),
    inputs,
    outputs,
    classes,
    bytes: inputs.reduce((sum, input) => sum + input.data.byteLength, 0),
    buffer,
    timeoutMs: timeoutMs(request),
  };
}

/** The parameter `timeout` is in microseconds, and unsigned where Triton reads it: a negative one is no limit. */
function timeoutMs({ parameters }: ModelInferRequest): number {
  const choice = parameters.timeout?.parameterChoice;
  return choice?.case === 'int64Param' && choice.value > 0n ? Number(choice.value) / 1000 : 0;
}

function refuseDuplicates({ inputs, id }: ModelInferRequest): void {
  const names = new Set<string>();
  for (const { name } of inputs) {
    if (names.has(name)) {
      throw new StatusError('INVALID_ARGUMENT', `${requestPrefix(id)} input '${name}' already exists in request`);
    }
    names.add(name);
  }
}

function checkInputCount({ inputs, id }: ModelInferRequest, model: ServedModel): void {
  if (inputs.length === model.inputs.length) return;
  // Triton lists what it got from a hash map, which for a few names is the reverse of their order.
  const got = inputs.map(({ name }) => name).reverse();
  const missing = model.inputs.map(({ name }) => name).filter(name => !got.includes(name));
  // The bracket that is missing in Triton's text is missing here too.
  const missingText = missing.length === 0 ? ']' : listText(missing);
  throw new StatusError(
    'INVALID_ARGUMENT',
    `${requestPrefix(id)} expected ${model.inputs.length} inputs but got ${inputs.length} inputs for model '${model.name}'. ` +
      `Got input(s) ${listText(got)}, but missing required input(s) ${missingText}. Please provide all required input(s).`,
  );
}

function listText(names: readonly string[]): string {
  return `[${names.map(name => `'${name}'`).join(',')}]`;
}
