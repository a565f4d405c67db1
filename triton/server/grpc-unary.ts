import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { ByteBudget } from './byte-budget.ts';
import { callHolding, callSignal, toGrpcStatus } from './grpc-call.ts';
import { StatusError } from './status-error.ts';

/** Told of errors that are no answer of ours, with the request's `id` where it has one: the client learns only that the server failed. */
export type OnFailure = (rpc: string, error: unknown, id: unknown) => void;

export type Unary = ReturnType<typeof unaryHandlers>;

export type UnaryOptions = {
  readonly onFailure: OnFailure;
  /** What answers take from until their clients have them. */
  readonly budget: ByteBudget;
};

/**
 * Makes handlers of unary RPCs, by name, from functions that answer a request or throw StatusError. `answerBytes`: what of an
 * answer is large enough to be counted.
 */
export function unaryHandlers({ onFailure, budget }: UnaryOptions) {
  return <I extends DescMessage, O extends DescMessage>(
    rpc: DescMethod & { readonly input: I; readonly output: O },
    answer: (request: MessageShape<I>, signal: AbortSignal) => MessageInitShape<O> | Promise<MessageInitShape<O>>,
    answerBytes: (response: MessageShape<O>) => number = () => 0,
  ): UntypedServiceImplementation => {
    const handle: handleUnaryCall<MessageShape<I>, MessageShape<O>> = async (call, callback) => {
      try {
        const holding = callHolding(call, budget);
        const response = create(rpc.output, await answer(call.request, callSignal(call)));
        holding.hold(answerBytes(response));
        callback(null, response);
      } catch (error) {
        if (!(error instanceof StatusError)) onFailure(rpc.name, error, Reflect.get(call.request, 'id'));
        callback(toGrpcStatus(error));
      }
    };
    return { [rpc.name]: handle };
  };
}
