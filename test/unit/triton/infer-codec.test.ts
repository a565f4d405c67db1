import { create, equals, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ModelInferRequestSchema, ModelInferResponseSchema } from '../../../proto/gen/grpc_service_pb.ts';
import { decodeInferRequest, encodeInferResponseHead } from '../../../triton/infer-codec.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 300 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const parameter = fc.oneof(
  fc.record({ parameterChoice: fc.record({ case: fc.constant('int64Param' as const), value: int64 }) }),
  fc.record({ parameterChoice: fc.record({ case: fc.constant('stringParam' as const), value: text }) }),
);
const parameters = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.dictionary(fc.string(), parameter, { maxKeys: 2 }),
);
const contents = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  fc.record({ int64Contents: fc.array(int64, { maxLength: 3 }), bytesContents: fc.array(bytes, { maxLength: 2 }) }),
);
const tensor = fc.record({
  name: text,
  datatype: text,
  shape: fc.array(int64, { maxLength: 5 }),
  parameters,
  contents,
});
const names = { modelName: text, modelVersion: text, id: text, parameters };
const some = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 3 });

it('reads requests as protobuf-es does', () => {
  const requests = fc.record({
    ...names,
    inputs: some(tensor),
    outputs: some(fc.record({ name: text, parameters })),
    rawInputContents: some(bytes),
  });
  fc.assert(
    fc.property(requests, given => {
      const message = create(ModelInferRequestSchema, given as MessageInitShape<typeof ModelInferRequestSchema>);
      const encoded = toBinary(ModelInferRequestSchema, message);
      const decoded = decodeInferRequest(encoded);
      expect(equals(ModelInferRequestSchema, decoded, message)).toBe(true);
      expect(toBinary(ModelInferRequestSchema, decoded)).toEqual(encoded);
    }),
  );
});

it('refuses and accepts bytes that are cut, changed or put together of several as protobuf-es does', () => {
  const message = create(ModelInferRequestSchema, {
    modelName: 'm',
    inputs: [{ name: 'in', datatype: 'FP32', shape: [1n, 4n] }],
    outputs: [{ name: 'out' }],
    rawInputContents: [new Uint8Array(16)],
  });
  const whole = toBinary(ModelInferRequestSchema, message);
  const outcome = (read: () => unknown): unknown => {
    try {
      return read();
    } catch {
      return 'refused';
    }
  };
  const same = (encoded: Uint8Array): void =>
    expect(outcome(() => decodeInferRequest(encoded))).toEqual(
      outcome(() => fromBinary(ModelInferRequestSchema, encoded)),
    );
  for (let length = 0; length < whole.length; length++) same(whole.subarray(0, length));
  for (let at = 0; at < whole.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = Uint8Array.from(whole);
      changed[at]! ^= 1 << bit;
      same(changed);
    }
  }
  // Twice: names are replaced, lists go on. Sizes one by one, as an old encoder writes them. A field of nobody's.
  same(Buffer.concat([whole, whole]));
  same(Uint8Array.of(0x2a, 4, 0x18, 1, 0x18, 4));
  same(Uint8Array.of(0x7a, 1, 0));
  fc.assert(fc.property(bytes, encoded => void same(encoded)));
});

it('writes the heads of answers as protobuf-es does', () => {
  const responses = fc.record({ ...names, outputs: some(tensor), rawOutputContents: some(bytes) });
  fc.assert(
    fc.property(responses, given => {
      const message = create(ModelInferResponseSchema, given as MessageInitShape<typeof ModelInferResponseSchema>);
      const expected = toBinary(ModelInferResponseSchema, { ...message, rawOutputContents: [] });
      expect(encodeInferResponseHead(message)).toEqual(expected);
    }),
  );
});
