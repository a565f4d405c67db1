import type { ModelStatistics } from '../../proto/gen/grpc_service_pb.ts';
import type { ModelConfig } from '../../proto/gen/model_config_pb.ts';
import type { Tensor } from '../core/tensor.ts';
import type { InferStream, InferStreamOptions } from './infer-stream.ts';
import type { AnswerParameters, Parameters } from './parameters.ts';

/** Part of a registered shared-memory region. */
export type SharedMemoryRange = { readonly region: string; readonly byteSize: number; readonly offset?: number };

/**
 * An input: raw little-endian bytes, `Buffer`s too, sent from where they lie (they must not change before the answer).
 * `tensor` makes one of typed values.
 */
export type NamedTensor = Tensor & {
  readonly name: string;
  readonly parameters?: Parameters;
  /** Where the server finds the values instead; `data` is empty then. */
  readonly sharedMemory?: SharedMemoryRange;
};

export type TensorMetadata = { readonly name: string; readonly datatype: string; readonly shape: readonly number[] };

export type ModelMetadata = {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
};

export type RequestedOutput = {
  readonly name: string;
  /** Ask for this many best classes, as `classificationsOf` reads them, instead of the values. */
  readonly classes?: number;
  /** Where the server shall put the values; the answer holds none then. */
  readonly sharedMemory?: SharedMemoryRange;
  readonly parameters?: Parameters;
};

export type InferRequest = {
  readonly model: string;
  /** Empty or absent: the server's choice (the latest). */
  readonly version?: string | undefined;
  readonly id?: string;
  readonly inputs: readonly NamedTensor[];
  /** Names, or more about them; absent: all. */
  readonly outputs?: readonly (string | RequestedOutput)[];
  /** 1 is the highest; 0 or absent: the model's default. */
  readonly priority?: number;
  /** How long the request may wait in the server's queue, where the model's queue policy allows it to say so. */
  readonly timeoutMicroseconds?: number;
  /** For models with a sequence batcher. Such a request is never retried. */
  readonly sequence?: { readonly id: number | bigint | string; readonly start?: boolean; readonly end?: boolean };
  /** Further parameters, the model's own among them. Names that begin with `triton_` are reserved. */
  readonly parameters?: Parameters;
};

export type OutputTensor = Tensor & {
  /** Where the server put the values, where that was asked for; `data` is empty then. */
  readonly sharedMemory?: SharedMemoryRange;
};

export type InferResult = {
  readonly model: string;
  readonly version: string;
  /** The request's. */
  readonly id: string;
  readonly parameters: AnswerParameters;
  /** By name. Raw bytes as views into the received message, at any alignment: `valuesOf` reads them. */
  readonly outputs: ReadonlyMap<string, OutputTensor>;
};

/** A deadline or signal that ends a call cancels it on the server too. */
export type CallOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Of the call with all its retries. */
  readonly deadlineMs?: number | undefined;
  /** gRPC metadata beside the client's own, `authorization` for example. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Further attempts after UNAVAILABLE or RESOURCE_EXHAUSTED; 0: none. */
  readonly retries?: number | undefined;
};

export type ModelOptions = CallOptions & { readonly version?: string | undefined };

export type HealthStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

export type IndexEntry = {
  readonly name: string;
  readonly version: string;
  /** READY, UNAVAILABLE, LOADING, UNLOADING, or empty where nothing has been loaded. */
  readonly state: string;
  readonly reason: string;
};

export type LoadOptions = CallOptions & {
  /** Takes the place of the model's config.pbtxt: JSON of a ModelConfig, or what becomes it. */
  readonly config?: string | object;
  /** Take the place of the model's folder, by path as `1/model.onnx`. Triton wants `config` with them. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
};

export type SharedMemoryRegion = {
  readonly name: string;
  /** Of POSIX shared memory, as `/frames`. */
  readonly key: string;
  readonly offset: bigint;
  readonly byteSize: bigint;
};

export type SystemSharedMemory = {
  /** The registered regions, or the one of this name. */
  status(name?: string, options?: CallOptions): Promise<SharedMemoryRegion[]>;
  register(
    region: { readonly name: string; readonly key: string; readonly byteSize: number; readonly offset?: number },
    options?: CallOptions,
  ): Promise<void>;
  /** One region, or all. */
  unregister(name?: string, options?: CallOptions): Promise<void>;
};

export type CudaSharedMemory = {
  status(
    name?: string,
    options?: CallOptions,
  ): Promise<{ readonly name: string; readonly deviceId: bigint; readonly byteSize: bigint }[]>;
  /** `rawHandle`: the 64 bytes of a cudaIpcMemHandle_t. */
  register(
    region: {
      readonly name: string;
      readonly rawHandle: Uint8Array;
      readonly deviceId: number;
      readonly byteSize: number;
    },
    options?: CallOptions,
  ): Promise<void>;
  unregister(name?: string, options?: CallOptions): Promise<void>;
};

export type TraceSettings = Readonly<Record<string, readonly string[]>>;
export type LogSettings = Readonly<Record<string, boolean | number | string>>;

/** A Triton server over gRPC. Every call rejects with `TritonError` (`triton-error.ts`) and nothing else. */
export type TritonClient = {
  serverLive(options?: CallOptions): Promise<boolean>;
  serverReady(options?: CallOptions): Promise<boolean>;
  serverMetadata(options?: CallOptions): Promise<{ name: string; version: string; extensions: readonly string[] }>;
  /** gRPC's health protocol; of the whole server where no service is named. */
  health(service?: string, options?: CallOptions): Promise<HealthStatus>;

  modelReady(model: string, options?: ModelOptions): Promise<boolean>;
  modelMetadata(model: string, options?: ModelOptions): Promise<ModelMetadata>;
  /** With the defaults that the server filled in. */
  modelConfig(model: string, options?: ModelOptions): Promise<ModelConfig>;
  /** Of one version, of every version of a model, or of all models. */
  modelStatistics(model?: string, options?: ModelOptions): Promise<readonly ModelStatistics[]>;

  infer(request: InferRequest, options?: CallOptions): Promise<InferResult>;
  /** A bidirectional stream (ModelStreamInfer): requests in flight at once, and models that answer more than once. */
  openStream(options?: InferStreamOptions): InferStream;

  repositoryIndex(options?: CallOptions & { readonly ready?: boolean }): Promise<readonly IndexEntry[]>;
  /** Resolves when the model is ready: name a deadline that suits it. */
  loadModel(model: string, options?: LoadOptions): Promise<void>;
  /** Resolves when unloading has begun. */
  unloadModel(model: string, options?: CallOptions & { readonly unloadDependents?: boolean }): Promise<void>;

  readonly systemSharedMemory: SystemSharedMemory;
  readonly cudaSharedMemory: CudaSharedMemory;

  /** Of one model, or of the server. */
  traceSettings(model?: string, options?: CallOptions): Promise<TraceSettings>;
  /** Changes those that are named; null: back to the server's (or its start's) value. Resolves to all as they are now. */
  updateTraceSettings(
    settings: Readonly<Record<string, string | readonly string[] | null>>,
    options?: CallOptions & { readonly model?: string },
  ): Promise<TraceSettings>;
  logSettings(options?: CallOptions): Promise<LogSettings>;
  /** Changes those that are named. Resolves to all as they are now. */
  updateLogSettings(settings: LogSettings, options?: CallOptions): Promise<LogSettings>;

  /**
   * Refuses new calls (CANCELLED), waits for those in flight, at most `graceMs` (absent: until their own deadlines), cancels
   * what is left then, and closes the connection.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};
