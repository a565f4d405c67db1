import { create, type DescMethod, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import {
  GRPCInferenceService,
  type ModelInferRequest,
  ModelStreamInferResponseSchema,
} from '../../../../proto/gen/grpc_service_pb.ts';
import { Health } from '../../../../proto/gen/health_pb.ts';
import { grpcService } from '../../../../triton/grpc-definition.ts';

const { method } = GRPCInferenceService;
type Methods = typeof method & { readonly check: typeof Health.method.check };
type Unary = Exclude<keyof Methods, 'modelStreamInfer'>;

/** What a test says the server does, by RPC. Throw `refusal` for an error; a promise keeps the client waiting. */
export type FakeHandlers = {
  readonly [M in Unary]?: (
    request: MessageShape<Methods[M]['input']>,
    call: { readonly metadata: Metadata; readonly cancelled: Promise<void> },
  ) => MessageInitShape<Methods[M]['output']> | Promise<MessageInitShape<Methods[M]['output']>>;
} & { readonly modelStreamInfer?: (stream: FakeStream) => void };

export type StreamAnswer = MessageInitShape<typeof ModelStreamInferResponseSchema>;

export type FakeStream = {
  readonly metadata: Metadata;
  onRequest(listener: (request: ModelInferRequest) => void): void;
  /** Called when the client has ended its side. */
  onEnd(listener: () => void): void;
  onCancelled(listener: () => void): void;
  /** False when the client's window is full. */
  answer(message: StreamAnswer): boolean;
  end(): void;
  fail(code: number, details: string): void;
};

export type FakeTriton = {
  readonly address: string;
  /** Names of the RPCs that came, in order. */
  readonly calls: string[];
  /** Ends every connection and the port. */
  close(): void;
};

export function refusal(code: number, details: string): Error {
  return Object.assign(new Error(details), { code, details });
}

/** A gRPC server that answers as a test says; RPCs that it does not name are UNIMPLEMENTED. */
export async function openFakeTriton(
  handlers: FakeHandlers,
  credentials = ServerCredentials.createInsecure(),
): Promise<FakeTriton> {
  const calls: string[] = [];
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  for (const service of [GRPCInferenceService, Health]) {
    const implementation: UntypedServiceImplementation = {};
    for (const rpc of service.methods) {
      const handler = Reflect.get(handlers, rpc.localName);
      if (rpc.methodKind === 'unary') implementation[rpc.name] = unary(rpc, handler, calls);
      else if (handler !== undefined) implementation[rpc.name] = streaming(handler, calls);
    }
    server.addService(grpcService(service), implementation);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return { address: `127.0.0.1:${port}`, calls, close: () => server.forceShutdown() };
}

function unary(rpc: DescMethod, handler: ((request: unknown, call: unknown) => unknown) | undefined, calls: string[]) {
  return async (
    call: ServerUnaryCall<unknown, unknown>,
    callback: (error: object | null, answer?: unknown) => void,
  ): Promise<void> => {
    calls.push(rpc.name);
    const cancelled = new Promise<void>(resolve => call.on('cancelled', () => resolve()));
    try {
      if (handler === undefined) throw refusal(status.UNIMPLEMENTED, '');
      const answer = await handler(call.request, { metadata: call.metadata, cancelled });
      callback(null, create(rpc.output, answer as MessageInitShape<typeof rpc.output>));
    } catch (error) {
      callback(error as object);
    }
  };
}

function streaming(handler: (stream: FakeStream) => void, calls: string[]) {
  return (call: ServerDuplexStream<ModelInferRequest, unknown>): void => {
    calls.push('ModelStreamInfer');
    call.on('error', () => undefined);
    handler({
      metadata: call.metadata,
      onRequest: listener => call.on('data', listener),
      onEnd: listener => call.on('end', listener),
      onCancelled: listener => call.on('cancelled', listener),
      answer: message => call.write(create(ModelStreamInferResponseSchema, message)),
      end: () => call.end(),
      fail: (code, details) => call.emit('error', { code, details }),
    });
  };
}
