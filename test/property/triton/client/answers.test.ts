import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ModelInferResponseSchema } from '../../../../proto/gen/grpc_service_pb.ts';
import { tensor } from '../../../../triton/client/create-tensor.ts';
import { fromInferMessage } from '../../../../triton/client/infer-message.ts';
import { classificationsOf, float32Values, stringValues, valuesOf } from '../../../../triton/client/read-tensor.ts';
import { TritonError } from '../../../../triton/client/triton-error.ts';
import { datatypeBytes } from '../../../../triton/core/datatype.ts';

const datatypes = [...Object.keys(datatypeBytes), 'BYTES'] as ('FP32' | 'BYTES')[];

it('reads any answer, however wrong, or rejects it with TritonError', () => {
  const output = fc.record({
    name: fc.constantFrom('A', 'B'),
    datatype: fc.oneof(fc.constantFrom(...datatypes), fc.string()),
    shape: fc.array(fc.bigInt({ min: -2n, max: 4n }), { maxLength: 3 }),
  });
  const raw = fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.constant(Uint8Array.of(1, 0, 0, 0, 65)));
  fc.assert(
    fc.property(fc.array(output, { maxLength: 3 }), fc.array(raw, { maxLength: 3 }), (outputs, rawOutputContents) => {
      const bytes = toBinary(
        ModelInferResponseSchema,
        create(ModelInferResponseSchema, { outputs, rawOutputContents }),
      );
      const read = (work: () => unknown): void => {
        try {
          work();
        } catch (error) {
          expect(error).toBeInstanceOf(TritonError);
        }
      };
      read(() => {
        const result = fromInferMessage(fromBinary(ModelInferResponseSchema, bytes), { model: 'm', inputs: [] });
        for (const tensor of result.outputs.values()) {
          read(() => valuesOf(tensor, tensor.datatype));
          for (const reader of [float32Values, stringValues, classificationsOf]) read(() => reader(tensor));
        }
      });
    }),
    { numRuns: 2000 },
  );
});

it('gives texts and numbers back as they were, wherever they lie in a message', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 8 });
  const floats = fc.float32Array({ maxLength: 8 });
  fc.assert(
    fc.property(texts, floats, fc.string({ maxLength: 9 }), (words, numbers, padding) => {
      const inputs = [tensor('T', 'BYTES', [words.length], words), tensor('N', 'FP32', [numbers.length], numbers)];
      const message = create(ModelInferResponseSchema, {
        id: padding,
        outputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(BigInt) })),
        rawOutputContents: inputs.map(({ data }) => data),
      });
      const bytes = toBinary(ModelInferResponseSchema, message);
      const result = fromInferMessage(fromBinary(ModelInferResponseSchema, bytes), { model: 'm', inputs: [] });
      expect(stringValues(result.outputs.get('T'))).toEqual(words);
      expect(valuesOf(result.outputs.get('N'), 'FP32')).toEqual(numbers);
    }),
  );
});
