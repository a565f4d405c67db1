import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import {
  GRPCInferenceService,
  type ModelInferRequest,
  ModelInferRequestSchema,
  type ModelInferResponse,
  type ModelStreamInferResponse,
} from '../../../proto/gen/grpc_service_pb.ts';
import { unaryCall } from '../../../triton/client/unary-call.ts';
import { grpcMethod } from '../../../triton/grpc-definition.ts';
import { modelInferMethod } from '../../../triton/model-infer-method.ts';
import type { InferInit } from './observed-refusals.ts';

export type InferStream = ClientDuplexStream<ModelInferRequest, ModelStreamInferResponse>;

/** A channel past the client's own checks: what is sent may be wrong. Rejects with TritonError. */
export type RawWire = {
  call<I extends DescMessage, O extends DescMessage>(
    rpc: DescMethod & { readonly input: I; readonly output: O },
    message?: MessageInitShape<I>,
  ): Promise<MessageShape<O>>;
  infer(request: InferInit): Promise<ModelInferResponse>;
  /** An open stream; whoever opens it ends it. */
  stream(): InferStream;
  /** The answers to requests that are sent at once on a stream that is then closed, in the order in which they came. */
  streamAll(requests: readonly InferInit[]): Promise<ModelStreamInferResponse[]>;
  close(): void;
};

const deadlineMs = 30_000;

export function openRawWire(address: string): RawWire {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  const stream = (): InferStream => {
    const { path, requestSerialize, responseDeserialize } = grpcMethod(GRPCInferenceService.method.modelStreamInfer);
    return client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, {
      deadline: Date.now() + deadlineMs,
    });
  };
  return {
    call: (rpc, message) => unaryCall(client, grpcMethod(rpc), create(rpc.input, message), { deadlineMs }),
    infer: request => unaryCall(client, modelInferMethod, create(ModelInferRequestSchema, request), { deadlineMs }),
    stream,
    async streamAll(requests) {
      const call = stream();
      for (const request of requests) call.write(create(ModelInferRequestSchema, request));
      call.end();
      const answers: ModelStreamInferResponse[] = [];
      for await (const answer of call) answers.push(answer);
      return answers;
    },
    close: () => client.close(),
  };
}
