import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { grpcMethod } from '../grpc-definition.ts';
import type { Channel } from './channel.ts';
import type { CallOptions } from './triton-client.ts';
import type { CallSubject } from './unary-call.ts';

/** Calls one of the service's unary RPCs. @throws TritonError */
export type Rpc = <I extends DescMessage, O extends DescMessage>(
  method: DescMethod & { readonly input: I; readonly output: O },
  message: MessageInitShape<I>,
  options?: CallOptions,
  subject?: CallSubject,
) => Promise<MessageShape<O>>;

export function createRpc(channel: Channel): Rpc {
  return async (method, message, options, subject) =>
    await channel.unary(grpcMethod(method), create(method.input, message), options, subject);
}
