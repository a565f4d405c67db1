/** The package's entry. Inside the project, import the files themselves. */
export type {
  InferBatchStatistics,
  InferStatistics,
  ModelStatistics,
  StatisticDuration,
} from '../../proto/gen/grpc_service_pb.ts';
export type { ModelConfig } from '../../proto/gen/model_config_pb.ts';
export type { Datatype, FixedDatatype } from '../core/datatype.ts';
export type { Tensor } from '../core/tensor.ts';
export type { ChannelSettings, TlsOptions } from './channel-options.ts';
export { tensor } from './create-tensor.ts';
export { createTritonClient, type TritonClientOptions } from './create-triton-client.ts';
export type { InferStream, InferStreamOptions, StreamCallOptions } from './infer-stream.ts';
export type { AnswerParameters, Parameters, ParameterValue } from './parameters.ts';
export {
  type Classification,
  classificationsOf,
  float16Values,
  float32Values,
  stringValues,
  valuesOf,
} from './read-tensor.ts';
export type { Float16Values, TensorInput, TensorValues } from './tensor-arrays.ts';
export type {
  CallOptions,
  CudaSharedMemory,
  HealthStatus,
  IndexEntry,
  InferRequest,
  InferResult,
  LoadOptions,
  LogSettings,
  ModelMetadata,
  ModelOptions,
  NamedTensor,
  OutputTensor,
  RequestedOutput,
  SharedMemoryRange,
  SharedMemoryRegion,
  SystemSharedMemory,
  TensorMetadata,
  TraceSettings,
  TritonClient,
} from './triton-client.ts';
export { TritonError, type TritonErrorCode, type TritonErrorOptions, tritonErrorCodes } from './triton-error.ts';
