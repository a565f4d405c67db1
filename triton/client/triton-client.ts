import type { Tensor } from '../core/tensor.ts';

export type NamedTensor = Tensor & { readonly name: string };

export type TensorMetadata = { readonly name: string; readonly datatype: string; readonly shape: readonly number[] };

export type ModelMetadata = {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
};

export type InferRequest = {
  readonly model: string;
  /** Empty or absent: the server's choice (the latest). */
  readonly version?: string;
  readonly id?: string;
  readonly inputs: readonly NamedTensor[];
  /** Output names; absent: all. */
  readonly outputs?: readonly string[];
};

export type InferResult = {
  readonly model: string;
  readonly version: string;
  readonly outputs: ReadonlyMap<string, Tensor>;
};

export type CallOptions = { readonly signal?: AbortSignal; readonly deadlineMs?: number };

/** A Triton server over gRPC. Every call rejects with `TritonError` (`triton-error.ts`) and nothing else. */
export type TritonClient = {
  serverLive(options?: CallOptions): Promise<boolean>;
  serverReady(options?: CallOptions): Promise<boolean>;
  serverMetadata(options?: CallOptions): Promise<{ name: string; version: string; extensions: readonly string[] }>;
  modelReady(model: string, options?: CallOptions & { version?: string }): Promise<boolean>;
  modelMetadata(model: string, options?: CallOptions & { version?: string }): Promise<ModelMetadata>;
  modelConfig(
    model: string,
    options?: CallOptions & { version?: string },
  ): Promise<import('../../proto/gen/model_config_pb.ts').ModelConfig>;
  repositoryIndex(
    options?: CallOptions,
  ): Promise<readonly { name: string; version: string; state: string; reason: string }[]>;
  infer(request: InferRequest, options?: CallOptions): Promise<InferResult>;
  close(): void;
};
