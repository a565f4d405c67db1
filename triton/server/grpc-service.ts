import type { handleBidiStreamingCall, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  GRPCInferenceService,
  type ModelInferRequest,
  type ModelRepositoryParameter,
  type ModelStreamInferResponse,
} from '../../proto/gen/grpc_service_pb.ts';
import { grpcService } from '../grpc-definition.ts';
import { modelInferMethod, modelStreamInferMethod } from '../model-infer-method.ts';
import { createHealthService } from './grpc-health.ts';
import { settingsHandlers } from './grpc-settings.ts';
import { serveStreamInfer, totalBytes } from './grpc-stream-infer.ts';
import { type Unary, type UnaryOptions, unaryHandlers } from './grpc-unary.ts';
import type { ControlParameters, InferenceCore } from './inference-core.ts';
import { refuseCudaRegion, refuseSystemRegion, sharedMemoryStatus } from './shared-memory.ts';

export type GrpcService = { readonly definition: ServiceDefinition; readonly handlers: UntypedServiceImplementation };

/** Told of failures, and bounded in the bytes of answers that their clients have not read. */
export type GrpcServiceOptions = UnaryOptions;

export type GrpcServices = {
  /** GRPCInferenceService and grpc.health.v1. */
  readonly services: readonly GrpcService[];
  /** Ends the streams that are open, once what they have asked is answered. */
  endStreams(): void;
};

const { method } = GRPCInferenceService;

/** The core's gRPC services, every RPC of them. */
export function createGrpcServices(core: InferenceCore, options: GrpcServiceOptions): GrpcServices {
  const { onFailure, budget } = options;
  const unary = unaryHandlers(options);
  const streams = new Set<() => void>();
  const streamInfer: handleBidiStreamingCall<ModelInferRequest, ModelStreamInferResponse> = call => {
    const end = serveStreamInfer(core, call, {
      budget,
      onFailure: (error, id) => onFailure(method.modelStreamInfer.name, error, id),
    });
    streams.add(end);
    call.on('close', () => streams.delete(end));
  };
  const inference: GrpcService = {
    definition: grpcService(GRPCInferenceService, {
      [method.modelInfer.name]: modelInferMethod,
      [method.modelStreamInfer.name]: modelStreamInferMethod,
    }),
    handlers: {
      ...serverHandlers(core, unary),
      ...modelHandlers(core, unary),
      ...settingsHandlers(core, unary),
      ...sharedMemoryHandlers(unary),
      ...unary(method.modelInfer, (request, signal) => core.infer(request, signal), totalBytes),
      [method.modelStreamInfer.name]: streamInfer,
    },
  };
  return {
    services: [inference, createHealthService(core, unary)],
    endStreams: () => {
      for (const end of streams) end();
    },
  };
}

function serverHandlers(core: InferenceCore, unary: Unary): UntypedServiceImplementation {
  return {
    ...unary(method.serverLive, () => ({ live: core.serverLive() })),
    ...unary(method.serverReady, () => ({ ready: core.serverReady() })),
    ...unary(method.serverMetadata, () => {
      const { name, version, extensions } = core.serverMetadata();
      return { name, version, extensions: [...extensions] };
    }),
  };
}

function modelHandlers(core: InferenceCore, unary: Unary): UntypedServiceImplementation {
  return {
    ...unary(method.modelReady, ({ name, version }) => ({ ready: core.modelReady(name, version) })),
    ...unary(method.modelMetadata, ({ name, version }) => core.modelMetadata(name, version)),
    ...unary(method.modelConfig, ({ name, version }) => ({ config: core.modelConfig(name, version) })),
    ...unary(method.modelStatistics, ({ name, version }) => ({
      modelStats: [...core.modelStatistics(name, version)],
    })),
    ...unary(method.repositoryIndex, async ({ repositoryName, ready }) => ({
      models: [...(await core.repositoryIndex(repositoryName, ready))],
    })),
    ...unary(method.repositoryModelLoad, async ({ modelName, parameters }) => {
      await core.loadModel(modelName, controlParameters(parameters));
      return {};
    }),
    ...unary(method.repositoryModelUnload, async ({ modelName, parameters }) => {
      await core.unloadModel(modelName, controlParameters(parameters));
      return {};
    }),
  };
}

function controlParameters(parameters: Readonly<Record<string, ModelRepositoryParameter>>): ControlParameters {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([key, { parameterChoice }]) =>
      parameterChoice.case === undefined ? [] : [[key, parameterChoice.value]],
    ),
  );
}

function sharedMemoryHandlers(unary: Unary): UntypedServiceImplementation {
  return {
    ...unary(method.systemSharedMemoryStatus, ({ name }) => {
      sharedMemoryStatus('system', name);
      return {};
    }),
    ...unary(method.cudaSharedMemoryStatus, ({ name }) => {
      sharedMemoryStatus('cuda', name);
      return {};
    }),
    ...unary(method.systemSharedMemoryRegister, ({ key }) => {
      throw refuseSystemRegion(key);
    }),
    ...unary(method.cudaSharedMemoryRegister, () => {
      throw refuseCudaRegion();
    }),
    ...unary(method.systemSharedMemoryUnregister, () => ({})),
    ...unary(method.cudaSharedMemoryUnregister, () => ({})),
  };
}
