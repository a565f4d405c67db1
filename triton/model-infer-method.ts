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
  const head = toBinary(ModelInferResponseSchema, { ...response, rawOutputContents: [] });
  return appendBytesFields(head, ModelInferResponseSchema.field.rawOutputContents.number, response.rawOutputContents);
}

export function encodeStreamResponse({ errorMessage, inferResponse }: ModelStreamInferResponse): Uint8Array {
  const head = toBinary(ModelStreamInferResponseSchema, create(ModelStreamInferResponseSchema, { errorMessage }));
  const response = inferResponse === undefined ? [] : [encodeInferResponse(inferResponse)];
  return appendBytesFields(head, ModelStreamInferResponseSchema.field.inferResponse.number, response);
}

/**
 * A message's encoding with the elements of a repeated `bytes` field behind it, each as tag, length and bytes
 * (protobuf encoding guide, "Length-Delimited Records"; fields may come in any order).
 */
function appendBytesFields(head: Uint8Array, fieldNumber: number, values: readonly Uint8Array[]): Uint8Array {
  const tag = (fieldNumber << 3) | 2;
  const size = values.reduce((sum, { length }) => sum + varintSize(tag) + varintSize(length) + length, head.length);
  const bytes = Buffer.allocUnsafe(size);
  bytes.set(head);
  let at = head.length;
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
