import { GRPCInferenceService, type ModelMetadataResponse_TensorMetadata } from '../../proto/gen/grpc_service_pb.ts';
import {
  Health,
  type HealthCheckResponse_ServingStatus,
  HealthCheckResponse_ServingStatusSchema,
} from '../../proto/gen/health_pb.ts';
import { modelInferMethod, modelStreamInferMethod } from '../model-infer-method.ts';
import { type CallDefaults, createChannel } from './channel.ts';
import type { ChannelSettings } from './channel-options.ts';
import { type ModelSpec, toModelSpec } from './check-request.ts';
import { expectOutputs, fromInferMessage, toInferMessage } from './infer-message.ts';
import { createInferStream, type InferStream, type InferStreamOptions } from './infer-stream.ts';
import { createModelSpecs } from './model-specs.ts';
import { remainingAfter } from './remaining-after.ts';
import { createRepositoryCalls } from './repository-calls.ts';
import { createRpc } from './rpc.ts';
import { createSettingsCalls } from './settings-calls.ts';
import { createSharedMemoryCalls } from './shared-memory-calls.ts';
import type {
  CallOptions,
  HealthStatus,
  InferRequest,
  InferResult,
  TensorMetadata,
  TritonClient,
} from './triton-client.ts';
import { TritonError } from './triton-error.ts';

export type TritonClientOptions = ChannelSettings & {
  /** For calls that name no deadline of their own; 60 s by default. */
  readonly deadlineMs?: number;
  /** How long a call may wait for a connection until it is UNAVAILABLE; 5 s by default. */
  readonly connectMs?: number;
  /**
   * Further attempts after UNAVAILABLE or RESOURCE_EXHAUSTED, 3 by default. None for questions whether something is live, ready
   * or healthy now, and for requests of a sequence.
   */
  readonly retries?: number;
  /** gRPC metadata of every call, `authorization` for example. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * By default a model's configuration is read with the first request to it, and requests are checked against it before they
   * are sent. False: the server alone refuses.
   */
  readonly checkRequests?: boolean;
};

const { method } = GRPCInferenceService;

/**
 * A client for the embedded Triton server or NVIDIA's. One channel, connected with the first call, reconnected as needed.
 * @throws TritonError `INVALID_ARGUMENT` for certificates or metadata that cannot be used
 */
export function createTritonClient(options: TritonClientOptions): TritonClient {
  const { deadlineMs = 60_000, connectMs = 5_000, retries = 3, metadata, checkRequests = true } = options;
  const defaults: CallDefaults = { deadlineMs, connectMs, retries, metadata };
  const channel = createChannel(options, defaults);
  const rpc = createRpc(channel);
  const specs = createModelSpecs();
  const streams = new Set<InferStream>();

  async function modelSpec({ model, version }: InferRequest, options: CallOptions): Promise<ModelSpec | null> {
    try {
      // Asked for all requests that wait for it: one that gives up does not end it for the others.
      const { metadata } = options;
      const { config } = await rpc(method.modelConfig, { name: model, version }, { metadata }, { model });
      return config === undefined ? null : toModelSpec(config);
    } catch (error) {
      // Other servers of the protocol have no ModelConfig.
      if (error instanceof TritonError && error.code === 'UNIMPLEMENTED') return null;
      throw error;
    }
  }

  /** What is left of the call's limits after its request was found good; undefined where that took no time. */
  function admit(request: InferRequest, options: CallOptions = {}): Promise<CallOptions> | undefined {
    const admission = checkRequests ? specs.admit(request, () => modelSpec(request, options)) : undefined;
    return admission && remainingAfter(admission, { deadlineMs, ...options }, request);
  }

  async function infer(request: InferRequest, options?: CallOptions): Promise<InferResult> {
    const message = toInferMessage(request);
    const admission = admit(request, options);
    const limits = admission === undefined ? options : await admission;
    // A sequence would take a repeated step for the next.
    const once = request.sequence === undefined ? limits : { ...limits, retries: 0 };
    const subject = { model: request.model, requestId: request.id };
    try {
      const result = fromInferMessage(await channel.unary(modelInferMethod, message, once, subject), request);
      expectOutputs(result, request);
      specs.noteVersion(request, result);
      return result;
    } catch (error) {
      if (error instanceof TritonError && error.code === 'NOT_FOUND') specs.forget(request.model);
      throw error;
    }
  }

  function openStream({ metadata, ...bounds }: InferStreamOptions = {}): InferStream {
    const call = channel.bidirectional(modelStreamInferMethod, metadata);
    const stream = createInferStream({ call, deadlineMs, admit, ...bounds });
    streams.add(stream);
    call.once('status', () => streams.delete(stream));
    return stream;
  }

  async function close({ graceMs }: { readonly graceMs?: number } = {}): Promise<void> {
    for (const stream of streams) void stream.close();
    await channel.close(graceMs);
  }

  return {
    serverLive: async options => (await rpc(method.serverLive, {}, asProbe(options))).live,
    serverReady: async options => (await rpc(method.serverReady, {}, asProbe(options))).ready,
    async serverMetadata(options) {
      const { name, version, extensions } = await rpc(method.serverMetadata, {}, options);
      return { name, version, extensions };
    },
    async health(service = '', options) {
      const { status } = await rpc(Health.method.check, { service }, asProbe(options));
      return toHealthStatus(status);
    },
    async modelReady(name, options) {
      const { version } = options ?? {};
      return (await rpc(method.modelReady, { name, version }, asProbe(options), { model: name })).ready;
    },
    async modelMetadata(name, options) {
      const answer = await rpc(method.modelMetadata, { name, version: options?.version }, options, { model: name });
      return {
        name: answer.name,
        versions: answer.versions,
        platform: answer.platform,
        inputs: answer.inputs.map(toTensorMetadata),
        outputs: answer.outputs.map(toTensorMetadata),
      };
    },
    async modelConfig(name, options) {
      const { config } = await rpc(method.modelConfig, { name, version: options?.version }, options, { model: name });
      if (config === undefined)
        throw new TritonError('INTERNAL', 'ModelConfig: the answer holds no config', { model: name });
      return config;
    },
    async modelStatistics(model, options) {
      const request = { name: model, version: options?.version };
      return (await rpc(method.modelStatistics, request, options, { model })).modelStats;
    },
    infer,
    openStream,
    ...createRepositoryCalls(rpc, specs.forget),
    ...createSharedMemoryCalls(rpc),
    ...createSettingsCalls(rpc),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A question about now: the answer is not worth waiting for. */
function asProbe(options: CallOptions | undefined): CallOptions {
  return { retries: 0, ...options };
}

function toTensorMetadata({ name, datatype, shape }: ModelMetadataResponse_TensorMetadata): TensorMetadata {
  return { name, datatype, shape: shape.map(Number) };
}

function toHealthStatus(status: HealthCheckResponse_ServingStatus): HealthStatus {
  const name = HealthCheckResponse_ServingStatusSchema.value[status]?.name;
  return healthStatuses.find(known => known === name) ?? 'UNKNOWN';
}

const healthStatuses: readonly HealthStatus[] = ['SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
