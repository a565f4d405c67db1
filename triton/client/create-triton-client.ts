import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { type ChannelOptions, Client, credentials } from '@grpc/grpc-js';
import { GRPCInferenceService } from '../../proto/gen/grpc_service_pb.ts';
import { grpcMethod } from '../grpc-definition.ts';
import { modelInferMethod } from '../model-infer-method.ts';
import { fromInferMessage, toInferMessage } from './infer-message.ts';
import type { CallOptions, TritonClient } from './triton-client.ts';
import { TritonError } from './triton-error.ts';
import { type CallSubject, unaryCall } from './unary-call.ts';

export type TritonClientOptions = {
  /** `host:port` of Triton's gRPC endpoint. */
  readonly address: string;
  /** For calls that name no deadline of their own. */
  readonly deadlineMs: number;
  /** Largest message in either direction, in bytes. By default 200 MiB of tensors and 1 MiB for the rest. */
  readonly maxMessageBytes?: number;
  /** HTTP/2 flow-control window in bytes: what may be under way before the other side has read it. */
  readonly windowBytes?: number;
  /** Time without traffic after which a call in progress pings the server. Servers cut off who pings more often than every 5 minutes. */
  readonly keepaliveMs?: number;
};

const { method } = GRPCInferenceService;

/** A client for the embedded Triton server or NVIDIA's. One channel, connected with the first call, reconnected as needed. */
export function createTritonClient(options: TritonClientOptions): TritonClient {
  const client = new Client(options.address, credentials.createInsecure(), channelOptions(options));

  async function call<I extends DescMessage, O extends DescMessage>(
    rpc: DescMethod & { readonly input: I; readonly output: O },
    message: MessageInitShape<I>,
    options_: CallOptions | undefined,
    subject?: CallSubject,
  ): Promise<MessageShape<O>> {
    return unaryCall(client, grpcMethod(rpc), create(rpc.input, message), withDeadline(options_), subject);
  }

  function withDeadline(callOptions: CallOptions = {}): CallOptions & { deadlineMs: number } {
    return { signal: callOptions.signal, deadlineMs: callOptions.deadlineMs ?? options.deadlineMs };
  }

  return {
    serverLive: async options => (await call(method.serverLive, {}, options)).live,
    serverReady: async options => (await call(method.serverReady, {}, options)).ready,
    async serverMetadata(options) {
      const { name, version, extensions } = await call(method.serverMetadata, {}, options);
      return { name, version, extensions };
    },
    async modelReady(name, options) {
      return (await call(method.modelReady, { name, version: options?.version }, options, { model: name })).ready;
    },
    async modelMetadata(name, options) {
      const answer = await call(method.modelMetadata, { name, version: options?.version }, options, { model: name });
      return {
        name: answer.name,
        versions: answer.versions,
        platform: answer.platform,
        inputs: answer.inputs.map(tensor => ({ ...tensor, shape: tensor.shape.map(Number) })),
        outputs: answer.outputs.map(tensor => ({ ...tensor, shape: tensor.shape.map(Number) })),
      };
    },
    async modelConfig(name, options) {
      const { config } = await call(method.modelConfig, { name, version: options?.version }, options, { model: name });
      if (config === undefined)
        throw new TritonError('INTERNAL', 'ModelConfig: the answer holds no config', { model: name });
      return config;
    },
    async repositoryIndex(options) {
      const { models } = await call(method.repositoryIndex, {}, options);
      return models.map(({ name, version, state, reason }) => ({ name, version, state, reason }));
    },
    async infer(request, options) {
      const message = toInferMessage(request);
      const subject = { model: request.model, requestId: request.id };
      const response = await unaryCall(client, modelInferMethod, message, withDeadline(options), subject);
      return fromInferMessage(response, request);
    },
    close: () => client.close(),
  };
}

function channelOptions({
  maxMessageBytes = 201 * 1024 * 1024,
  windowBytes = 16 * 1024 * 1024,
  keepaliveMs = 300_000,
}: TritonClientOptions): ChannelOptions {
  return {
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc-node.flow_control_window': windowBytes,
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': 20_000,
    // A Triton that comes back is found within seconds; the default waits up to two minutes.
    'grpc.max_reconnect_backoff_ms': 5_000,
    // grpc-js's transparent retries hold every message until its answer; retrying is the caller's decision.
    'grpc.enable_retries': 0,
    // Tensors go where the configuration says, never through a proxy of the environment.
    'grpc.enable_http_proxy': 0,
    'grpc.use_local_subchannel_pool': 1,
  };
}
