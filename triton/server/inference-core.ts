import { create } from '@bufbuild/protobuf';
import {
  type ModelInferRequest,
  type ModelInferResponse,
  ModelInferResponseSchema,
  type ModelMetadataResponse,
  ModelMetadataResponseSchema,
  type ModelStatistics,
} from '../../proto/gen/grpc_service_pb.ts';
import type { ModelConfig } from '../../proto/gen/model_config_pb.ts';
import { checkRequest } from './infer/check-request.ts';
import type { ServedModel, TensorSpec } from './infer/served-model.ts';
import type { ControlParameters } from './repository/load-parameters.ts';
import type { ModelRepository } from './repository/model-repository.ts';
import type { IndexEntry } from './repository/version-table.ts';
import { StatusError } from './status-error.ts';

export type ServerMetadata = {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
};

export type { ControlParameters };

/** What the server can do, whatever transport asks. Every function throws StatusError and nothing else on purpose. */
export type InferenceCore = {
  serverLive(): boolean;
  /** False as soon as one model failed to load, as in Triton's strict readiness, and after closing began. */
  serverReady(): boolean;
  serverMetadata(): ServerMetadata;
  modelReady(name: string, version: string): boolean;
  modelMetadata(name: string, version: string): ModelMetadataResponse;
  modelConfig(name: string, version: string): ModelConfig;
  /** Counts and durations of one version, of every version of a model (empty `version`), or of all models (empty `name`). */
  modelStatistics(name: string, version: string): readonly ModelStatistics[];
  /** @param repositoryName Triton's own index takes none either */
  repositoryIndex(repositoryName: string, onlyReady: boolean): Promise<readonly IndexEntry[]>;
  /** Resolves when the model is READY. `parameters`: `config` and `file:<path>` of Triton's model_repository extension. */
  loadModel(name: string, parameters: ControlParameters): Promise<void>;
  /** Resolves at once; requests under way are answered. */
  unloadModel(name: string, parameters: ControlParameters): Promise<void>;
  /** @param signal drops the request while it waits */
  infer(request: ModelInferRequest, signal: AbortSignal): Promise<ModelInferResponse>;
};

const extensions = ['model_repository', 'model_repository(unload_dependents)', 'model_configuration'];

/** @param version of this software */
export function createInferenceCore(repository: ModelRepository, version: string): InferenceCore {
  return {
    serverLive: () => true,
    serverReady: () => repository.allReady,
    // Only what is there: no statistics, sequences or shared memory yet.
    serverMetadata: () => ({ name: 'triton', version, extensions }),
    modelReady: (name, version) => repository.isReady(name, version),
    modelMetadata(name, version) {
      const { model, versions } = repository.find(name, version);
      return toMetadata(model, versions);
    },
    modelConfig: (name, version) => repository.find(name, version).model.config,
    async repositoryIndex(repositoryName, onlyReady) {
      if (repositoryName !== '') {
        throw new StatusError('UNIMPLEMENTED', "'repository_name' specification is not supported");
      }
      const index = await repository.index();
      return index.filter(({ state }) => !onlyReady || state === 'READY');
    },
    modelStatistics: () => refuse('ModelStatistics'),
    loadModel: (name, parameters) => repository.load(name, parameters),
    unloadModel: (name, parameters) => repository.unload(name, parameters),
    async infer(request, signal) {
      const { model, executor } = repository.find(request.modelName, request.modelVersion);
      const tensors = await executor.infer(checkRequest(request, model), signal);
      return create(ModelInferResponseSchema, {
        modelName: model.name,
        modelVersion: model.version,
        id: request.id,
        outputs: tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(BigInt) })),
        rawOutputContents: tensors.map(({ data }) => data),
      });
    },
  };
}

function refuse(rpc: string): never {
  throw new StatusError('UNIMPLEMENTED', `${rpc} is not implemented by the embedded Triton server`);
}

function toMetadata(model: ServedModel, versions: readonly string[]): ModelMetadataResponse {
  const batch = model.config.maxBatchSize > 0 ? [-1n] : [];
  const describe = ({ name, datatype, dims }: TensorSpec) => ({
    name,
    datatype,
    shape: [...batch, ...dims.map(BigInt)],
  });
  return create(ModelMetadataResponseSchema, {
    name: model.name,
    versions: [...versions],
    platform: model.config.platform,
    inputs: model.inputs.map(describe),
    outputs: model.outputs.map(describe),
  });
}
