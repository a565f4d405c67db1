import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ModelInferRequestSchema,
  ModelInferResponseSchema,
  ModelStreamInferResponseSchema,
} from '../../../proto/gen/grpc_service_pb.ts';
import { encodeInferRequest, encodeInferResponse, encodeStreamResponse } from '../../../triton/model-infer-method.ts';

const tensors = fc.array(
  fc.record({
    name: fc.string({ maxLength: 8 }),
    datatype: fc.constantFrom('FP32', 'UINT8'),
    shape: fc.array(fc.bigInt({ min: -1n, max: 2n ** 40n }), { maxLength: 4 }),
  }),
  { maxLength: 3 },
);
// Lengths around the borders of one, two and three length bytes.
const raw = fc.array(
  fc
    .oneof(fc.nat({ max: 3 }), fc.constantFrom(127, 128, 16_383, 16_384, 40_000))
    .map(length => Uint8Array.from({ length }, (_, index) => index * 31)),
  { maxLength: 3 },
);

describe('the codec of ModelInfer', () => {
  it('writes what protobuf-es reads as the same message, in as many bytes as protobuf-es itself', () => {
    fc.assert(
      fc.property(fc.string(), tensors, raw, (id, named, contents) => {
        const request = create(ModelInferRequestSchema, {
          id,
          modelName: 'm',
          inputs: named,
          rawInputContents: contents,
        });
        const response = create(ModelInferResponseSchema, { id, outputs: named, rawOutputContents: contents });
        const [requestBytes, responseBytes] = [encodeInferRequest(request), encodeInferResponse(response)];
        expect(fromBinary(ModelInferRequestSchema, new Uint8Array(requestBytes))).toEqual(request);
        expect(fromBinary(ModelInferResponseSchema, new Uint8Array(responseBytes))).toEqual(response);
        expect(requestBytes.length).toBe(toBinary(ModelInferRequestSchema, request).length);
      }),
      { numRuns: 50 },
    );
  });

  it('writes the answers of streams as protobuf-es reads them, with tensors, an error, or nothing', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.tuple(fc.string(), tensors, raw)), (errorMessage, response) => {
        const [id, outputs, rawOutputContents] = response ?? [];
        const inferResponse = response === null ? undefined : { id, outputs, rawOutputContents };
        const answer = create(ModelStreamInferResponseSchema, { errorMessage, inferResponse });
        expect(fromBinary(ModelStreamInferResponseSchema, new Uint8Array(encodeStreamResponse(answer)))).toEqual(
          answer,
        );
      }),
      { numRuns: 50 },
    );
  });
});
