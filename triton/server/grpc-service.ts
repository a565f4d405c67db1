import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type ServiceDefinition,
  type StatusObject,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { GRPCInferenceService, type ModelRepositoryParameter } from '../../proto/gen/grpc_service_pb.ts';
import { grpcService } from '../grpc-definition.ts';
import { modelInferMethod } from '../model-infer-method.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { ControlParameters, InferenceCore } from './inference-core.ts';
import { StatusError } from './status-error.ts';

export type GrpcService = { readonly definition: ServiceDefinition; readonly handlers: UntypedServiceImplementation };

/**
 * `onFailure` is told of errors that are no answer of ours, with the request's `id` where it has one: the client learns only
 * that the server failed.
 */
export type GrpcServiceOptions = {
  readonly onFailure: (rpc: string, error: unknown, id: unknown) => void;
  /** What answers take from until their clients have them. */
  readonly budget: ByteBudget;
};

/** GRPCInferenceService over the core. An RPC without a handler here answers UNIMPLEMENTED with its name. */
export function createGrpcService(core: InferenceCore, { onFailure, budget }: GrpcServiceOptions): GrpcService {
  const { method } = GRPCInferenceService;

  /** @param answerBytes what of an answer is large enough to be counted */
  function unary<I extends DescMessage, O extends DescMessage>(
    rpc: DescMethod & { readonly input: I; readonly output: O },
    answer: (request: MessageShape<I>, signal: AbortSignal) => MessageInitShape<O> | Promise<MessageInitShape<O>>,
    answerBytes: (response: MessageShape<O>) => number = () => 0,
  ): UntypedServiceImplementation {
    const handle: handleUnaryCall<MessageShape<I>, MessageShape<O>> = async (call, callback) => {
      const controller = new AbortController();
      let held: number | undefined;
      // grpc-js says so of every call that is over, also of one whose answer has been taken.
      call.on('cancelled', () => {
        if (held === undefined) controller.abort(cancelled);
        else budget.give(held);
      });
      try {
        const response = create(rpc.output, await answer(call.request, controller.signal));
        if (controller.signal.aborted) return;
        held = holdAnswer(answerBytes(response));
        callback(null, response);
      } catch (error) {
        if (!(error instanceof StatusError)) onFailure(rpc.name, error, Reflect.get(call.request, 'id'));
        callback(toGrpcError(error));
      }
    };
    return { [rpc.name]: handle };
  }

  /** Until the client has read it, it is in this process. */
  function holdAnswer(bytes: number): number {
    if (budget.take(bytes)) return bytes;
    throw new StatusError('UNAVAILABLE', 'the server holds as many answers as it may that their clients have not read');
  }

  return {
    definition: grpcService(GRPCInferenceService, { [method.modelInfer.name]: modelInferMethod }),
    handlers: {
      ...unimplemented(),
      ...unary(method.serverLive, () => ({ live: core.serverLive() })),
      ...unary(method.serverReady, () => ({ ready: core.serverReady() })),
      ...unary(method.serverMetadata, () => {
        const { name, version, extensions } = core.serverMetadata();
        return { name, version, extensions: [...extensions] };
      }),
      ...unary(method.modelReady, ({ name, version }) => ({ ready: core.modelReady(name, version) })),
      ...unary(method.modelMetadata, ({ name, version }) => core.modelMetadata(name, version)),
      ...unary(method.modelConfig, ({ name, version }) => ({ config: core.modelConfig(name, version) })),
      ...unary(method.repositoryIndex, ({ repositoryName, ready }) => ({
        models: [...core.repositoryIndex(repositoryName, ready)],
      })),
      ...unary(method.modelStatistics, ({ name, version }) => ({
        modelStats: [...core.modelStatistics(name, version)],
      })),
      ...unary(method.repositoryModelLoad, async ({ modelName, parameters }) => {
        await core.loadModel(modelName, controlParameters(parameters));
        return {};
      }),
      ...unary(method.repositoryModelUnload, async ({ modelName, parameters }) => {
        await core.unloadModel(modelName, controlParameters(parameters));
        return {};
      }),
      ...unary(
        method.modelInfer,
        (request, signal) => core.infer(request, signal),
        ({ rawOutputContents }) => rawOutputContents.reduce((sum, { length }) => sum + length, 0),
      ),
    },
  };
}

function controlParameters(parameters: Readonly<Record<string, ModelRepositoryParameter>>): ControlParameters {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([key, { parameterChoice }]) =>
      parameterChoice.case === undefined ? [] : [[key, parameterChoice.value]],
    ),
  );
}

const cancelled = new StatusError('CANCELLED', 'the call was cancelled');

function unimplemented(): UntypedServiceImplementation {
  return Object.fromEntries(
    GRPCInferenceService.methods.map(({ name, methodKind }) => {
      const error = new StatusError('UNIMPLEMENTED', `${name} is not implemented by the embedded Triton server`);
      const answer = toGrpcError(error);
      const handleUnary: handleUnaryCall<unknown, unknown> = (_call, callback) => callback(answer);
      const handleStream: handleBidiStreamingCall<unknown, unknown> = call => call.emit('error', answer);
      return [name, methodKind === 'unary' ? handleUnary : handleStream];
    }),
  );
}

function toGrpcError(error: unknown): Partial<StatusObject> {
  if (error instanceof StatusError) return { code: status[error.code], details: error.message };
  return { code: status.INTERNAL, details: 'the server failed, see its log' };
}
