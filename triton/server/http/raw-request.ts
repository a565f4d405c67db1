import { create } from '@bufbuild/protobuf';
import { ModelInferRequestSchema } from '../../../proto/gen/grpc_service_pb.ts';
import { DataType, type ModelConfig } from '../../../proto/gen/model_config_pb.ts';
import { encodeBytesElements } from '../../core/bytes-elements.ts';
import { datatypeBytes, isFixedDatatype } from '../../core/datatype.ts';
import { requestPrefix } from '../infer/served-model.ts';
import { protocolName } from '../repository/config-datatype.ts';
import { StatusError } from '../status-error.ts';
import type { ParsedInferRequest } from './infer-request.ts';

/**
 * Triton's raw binary request: a body without JSON is the data of the model's only input, one row of it, and every output leaves as
 * binary data. The shape comes from the configuration, in which one dimension may vary.
 * @throws StatusError
 */
export function rawInferRequest(config: ModelConfig, version: string, data: Uint8Array): ParsedInferRequest {
  const refuse = (text: string): never => {
    throw new StatusError('INVALID_ARGUMENT', `${requestPrefix('')} ${text}`);
  };
  const [input] = config.input;
  if (input === undefined || config.input.length > 1) {
    return refuse(
      `Raw request must only have 1 input (found 1) to be deduced but got ${config.input.length} inputs in '${config.name}' model configuration`,
    );
  }
  const { name, dataType, dims } = input;
  const isString = dataType === DataType.TYPE_STRING;
  const elements = dims.reduce((product, size) => (size === -1n ? product : product * size), 1n);
  const open = dims.filter(size => size === -1n).length;
  if (open > 1) {
    refuse(
      `The shape of the raw input '${name}' can not be deduced because there are more than one variable-sized dimension`,
    );
  }
  if (isString && (open > 0 || elements !== 1n)) {
    refuse(`For BYTE datatype raw input '${name}', the model must have input shape [1]`);
  }
  const datatype = protocolName(dataType);
  const row = elements * BigInt(isFixedDatatype(datatype) ? datatypeBytes[datatype] : 1);
  const varying = BigInt(data.length) / row;
  const expected = open > 0 ? row * varying : row;
  if (!isString && expected !== BigInt(data.length)) {
    refuse(
      `input byte size mismatch for input 'raw_input' for model '${config.name}'. Expected ${expected}, got ${data.length}`,
    );
  }
  const shape = [...(config.maxBatchSize > 0 ? [1n] : []), ...dims.map(size => (size === -1n ? varying : size))];
  return {
    request: create(ModelInferRequestSchema, {
      modelName: config.name,
      modelVersion: version,
      inputs: [{ name, datatype, shape }],
      rawInputContents: [isString ? encodeBytesElements([data]) : data],
    }),
    isBinary: () => true,
  };
}
