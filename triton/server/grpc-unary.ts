import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { callSignal, toGrpcStatus } from './grpc-call.ts';
import { StatusError } from './status-error.ts';

/** Told of errors that are no answer of ours, with the request's `id` where it has one: the client learns only that the server failed. */
export type OnFailure = (rpc: string, error: unknown, id: unknown) => void;

export type Unary = ReturnType<typeof unaryHandlers>;

/** Makes handlers of unary RPCs, by name, from functions that answer a request or throw StatusError. */
export function unaryHandlers(onFailure: OnFailure) {
  return <I extends DescMessage, O extends DescMessage>(
    rpc: DescMethod & { readonly input: I; readonly output: O },
    answer: (request: MessageShape<I>, signal: AbortSignal) => MessageInitShape<O> | Promise<MessageInitShape<O>>,
  ): UntypedServiceImplementation => {
    const handle: handleUnaryCall<MessageShape<I>, MessageShape<O>> = async (call, callback) => {
      try {
        callback(null, create(rpc.output, await answer(call.request, callSignal(call))));
      } catch (error) {
        if (!(error instanceof StatusError)) onFailure(rpc.name, error, Reflect.get(call.request, 'id'));
        callback(toGrpcStatus(error));
      }
    };
    return { [rpc.name]: handle };
  };
}
