import { create } from '@bufbuild/protobuf';
import {
  type ModelInferRequest,
  type ModelInferResponse,
  type ModelInferResponse_InferOutputTensor,
  type ModelMetadataResponse,
  ModelMetadataResponseSchema,
  type ModelStatistics,
} from '../../proto/gen/grpc_service_pb.ts';
import type { ModelConfig } from '../../proto/gen/model_config_pb.ts';
import { checkRequest } from './infer/check-request.ts';
import { classify } from './infer/classify.ts';
import type { ClassCounts } from './infer/requested-outputs.ts';
import type { OutputTensor, ServedModel, TensorSpec } from './infer/served-model.ts';
import { createLogSettings, type LogSettings } from './log-settings.ts';
import { toModelStatistics } from './model-statistics.ts';
import { parseModelVersion } from './parse-model-version.ts';
import type { TritonMetrics } from './prom-metrics.ts';
import type { ControlParameters } from './repository/load-parameters.ts';
import type { ModelRepository } from './repository/model-repository.ts';
import type { IndexEntry } from './repository/version-table.ts';
import { StatusError } from './status-error.ts';
import { createTraceSettings, type TraceSettings } from './trace-settings.ts';

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
  /**
   * @param signal drops the request while it waits
   * @param buffer memory that holds this request's message and nothing else; once it has run, nothing may be left there
   */
  infer(request: ModelInferRequest, signal: AbortSignal, buffer?: ArrayBuffer): Promise<ModelInferResponse>;
  /** Triton's trace and logging extensions: what is sent is checked, kept and told again, and has no other effect. */
  readonly traceSettings: TraceSettings;
  readonly logSettings: LogSettings;
};

export type InferenceCoreOptions = {
  readonly repository: ModelRepository;
  readonly metrics: TritonMetrics;
  /** Of this software. */
  readonly version: string;
};

/** What is there, by the names of Triton's extensions: no sequences, no shared memory. */
const extensions = [
  'classification',
  'model_repository',
  'model_repository(unload_dependents)',
  'schedule_policy',
  'model_configuration',
  'binary_tensor_data',
  'parameters',
  'statistics',
  'trace',
  'logging',
];

export function createInferenceCore({ repository, metrics, version }: InferenceCoreOptions): InferenceCore {
  return {
    serverLive: () => true,
    serverReady: () => repository.allReady,
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
    modelStatistics(name, version) {
      const asked = parseModelVersion(version);
      const ready = repository.readyVersions();
      if (name === '') return ready.flatMap(statisticsOf);
      const versions = ready.filter(model => model.name === name);
      if (versions.length === 0) throw invalid(`requested model '${name}' is not available`);
      const found = versions.filter(model => asked === null || model.version === asked);
      if (found.length === 0) throw invalid(`requested model version is not available for model '${name}'`);
      return found.flatMap(statisticsOf);
    },
    loadModel: (name, parameters) => repository.load(name, parameters),
    unloadModel: (name, parameters) => repository.unload(name, parameters),
    async infer(request, signal, buffer) {
      const { model, executor } = repository.find(request.modelName, request.modelVersion);
      const checked = checkRequest(request, model, buffer);
      const tensors = withClasses(await executor.infer(checked, signal), checked.classes, model);
      return {
        $typeName: 'inference.ModelInferResponse',
        modelName: model.name,
        modelVersion: model.version,
        id: request.id,
        parameters: {},
        outputs: tensors.map(toOutput),
        rawOutputContents: tensors.map(({ data }) => data),
      };
    },
    traceSettings: createTraceSettings(name => repository.isReady(name, '')),
    logSettings: createLogSettings(),
  };

  function statisticsOf({ name, version }: ServedModel): ModelStatistics[] {
    const counts = metrics.counts(name, version);
    return counts === undefined ? [] : [toModelStatistics(name, version, counts)];
  }
}

function withClasses(
  tensors: readonly OutputTensor[],
  classes: ClassCounts,
  { outputs, config }: ServedModel,
): readonly OutputTensor[] {
  if (classes.size === 0) return tensors;
  return tensors.map(tensor => {
    const count = classes.get(tensor.name);
    const labels = outputs.find(({ name }) => name === tensor.name)?.labels ?? [];
    return count === undefined ? tensor : classify(tensor, count, labels, config.maxBatchSize > 0);
  });
}

function toOutput({ name, datatype, shape }: OutputTensor): ModelInferResponse_InferOutputTensor {
  const $typeName = 'inference.ModelInferResponse.InferOutputTensor';
  return { $typeName, name, datatype, shape: shape.map(BigInt), parameters: {} };
}

function invalid(text: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', text);
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
