import { create, toBinary } from '@bufbuild/protobuf';
import {
  GRPCInferenceService,
  type ModelInferRequest,
  ModelInferRequestSchema,
  type ModelInferResponse,
  ModelInferResponseSchema,
  type ModelStreamInferResponse,
  ModelStreamInferResponseSchema,
} from '../proto/gen/grpc_service_pb.ts';
import { grpcMethod } from './grpc-definition.ts';
import { encodeInferResponseHead } from './infer-codec.ts';

const grpcPrefixBytes = 5;

/** ModelInfer with a codec that copies tensors once: protobuf-es's encoder takes several times as long for megabytes. */
export const modelInferMethod = grpcMethod(GRPCInferenceService.method.modelInfer, {
  encodeRequest: encodeInferRequest,
  encodeResponse: encodeInferResponse,
});

/** ModelStreamInfer, likewise; an answer is copied once more, into its envelope. */
export const modelStreamInferMethod = grpcMethod(GRPCInferenceService.method.modelStreamInfer, {
  encodeRequest: encodeInferRequest,
  encodeResponse: encodeStreamResponse,
});

export function encodeInferRequest(request: ModelInferRequest): Uint8Array {
  const head = toBinary(ModelInferRequestSchema, { ...request, rawInputContents: [] });
  return appendBytesFields(head, ModelInferRequestSchema.field.rawInputContents.number, request.rawInputContents);
}

export function encodeInferResponse(response: ModelInferResponse): Uint8Array {
  return encodeBehind(0, response);
}

/** The encoding behind gRPC's prefix: not compressed, so many bytes. */
export function frameInferResponse(response: ModelInferResponse): Buffer {
  const framed = encodeBehind(grpcPrefixBytes, response);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(framed.length - grpcPrefixBytes, 1);
  return framed;
}

function encodeBehind(prefixBytes: number, response: ModelInferResponse): Buffer {
  const head = encodeInferResponseHead(response);
  const { number } = ModelInferResponseSchema.field.rawOutputContents;
  return appendBytesFields(head, number, response.rawOutputContents, prefixBytes);
}

export function encodeStreamResponse({ errorMessage, inferResponse }: ModelStreamInferResponse): Uint8Array {
  const head = toBinary(ModelStreamInferResponseSchema, create(ModelStreamInferResponseSchema, { errorMessage }));
  const response = inferResponse === undefined ? [] : [encodeInferResponse(inferResponse)];
  return appendBytesFields(head, ModelStreamInferResponseSchema.field.inferResponse.number, response);
}

/**
 * A message's encoding with the elements of a repeated `bytes` field behind it, each as tag, length and bytes
 * (protobuf encoding guide, "Length-Delimited Records"; fields may come in any order). `prefixBytes` are left free before it.
 */
function appendBytesFields(
  head: Uint8Array,
  fieldNumber: number,
  values: readonly Uint8Array[],
  prefixBytes = 0,
): Buffer {
  const tag = (fieldNumber << 3) | 2;
  let at = prefixBytes + head.length;
  const size = values.reduce((sum, { length }) => sum + varintSize(tag) + varintSize(length) + length, at);
  const bytes = Buffer.allocUnsafe(size);
  bytes.set(head, prefixBytes);
  for (const value of values) {
    at = writeVarint(bytes, at, tag);
    at = writeVarint(bytes, at, value.length);
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let place = at;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes[place++] = (rest & 0x7f) | 0x80;
  bytes[place++] = rest;
  return place;
}
