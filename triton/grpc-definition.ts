import {
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

/** How one message type is turned to bytes, where protobuf-es's own encoder is too slow. */
export type Encode<Message> = (message: Message) => Uint8Array;

export type MethodCodec<Request, Response> = {
  readonly encodeRequest?: Encode<Request>;
  readonly encodeResponse?: Encode<Response>;
};

/**
 * What grpc-js wants to know of a method, from protobuf-es's descriptor: for a client's `makeUnaryRequest` as for a
 * server's `register`. Decoded `bytes` fields are views into the received message.
 */
export function grpcMethod<I extends DescMessage, O extends DescMessage>(
  method: DescMethod & { readonly input: I; readonly output: O },
  codec: MethodCodec<MessageShape<I>, MessageShape<O>> = {},
): MethodDefinition<MessageShape<I>, MessageShape<O>> {
  const { input, output, methodKind } = method;
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    originalName: method.localName,
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    requestSerialize: serializer(input, codec.encodeRequest),
    requestDeserialize: bytes => fromBinary(input, plainBytes(bytes)),
    responseSerialize: serializer(output, codec.encodeResponse),
    responseDeserialize: bytes => fromBinary(output, plainBytes(bytes)),
  };
}

/** The whole service, by RPC name as in the .proto file. `methods` replaces single ones, for a codec of their own. */
export function grpcService(service: DescService, methods: Readonly<ServiceDefinition> = {}): ServiceDefinition {
  const all = service.methods.map(method => [method.name, methods[method.name] ?? grpcMethod(method)] as const);
  return Object.fromEntries(all);
}

function serializer<D extends DescMessage>(
  message: D,
  encode: Encode<MessageShape<D>> = value => toBinary(message, value),
): (value: MessageShape<D>) => Buffer {
  return value => {
    const { buffer, byteOffset, byteLength } = encode(value);
    return Buffer.from(buffer, byteOffset, byteLength);
  };
}

/** Decoded `bytes` are of the class that was decoded from, and a Buffer's `slice` does not copy where everyone expects it to. */
function plainBytes({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
