import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ModelInferResponseSchema } from '../../../../proto/gen/grpc_service_pb.ts';
import { fromInferMessage, toInferMessage } from '../../../../triton/client/infer-message.ts';
import type { InferRequest, InferResult } from '../../../../triton/client/triton-client.ts';

const data = new Uint8Array(16);
const request: InferRequest = {
  model: 'm',
  id: 'r1',
  inputs: [{ name: 'IN', datatype: 'FP32', shape: [1, 4], data }],
  outputs: ['A'],
};
const answer = (init: MessageInitShape<typeof ModelInferResponseSchema>): InferResult =>
  fromInferMessage(create(ModelInferResponseSchema, { modelName: 'm', modelVersion: '2', ...init }), request);
const tensor = (name: string, shape: bigint[], datatype = 'FP32') => ({ name, datatype, shape });

describe('a request of the client', () => {
  it('carries the arrays it was given, without a copy', () => {
    const message = toInferMessage(request);
    expect(message).toMatchObject({ modelName: 'm', modelVersion: '', id: 'r1', outputs: [{ name: 'A' }] });
    expect(message.inputs).toMatchObject([{ name: 'IN', datatype: 'FP32', shape: [1n, 4n] }]);
    expect(message.rawInputContents[0]).toBe(data);
  });

  it('is refused before it is sent when bytes and shape contradict each other', () => {
    const wrong = { ...request, inputs: [{ name: 'IN', datatype: 'FP32' as const, shape: [2, 4], data }] };
    expect(() => toInferMessage(wrong)).toThrow(
      expect.objectContaining({
        name: 'TritonError',
        code: 'INVALID_ARGUMENT',
        model: 'm',
        requestId: 'r1',
        message: "input 'IN': expected 32 bytes for FP32 [2,4], got 16",
      }),
    );
  });
});

describe("a server's answer", () => {
  it('is read by output name, whatever its order', () => {
    const { model, version, outputs } = answer({
      outputs: [tensor('B', [1n], 'UINT8'), tensor('A', [1n, 2n])],
      rawOutputContents: [Uint8Array.of(7), new Uint8Array(8)],
    });
    expect({ model, version }).toEqual({ model: 'm', version: '2' });
    expect([...outputs.keys()]).toEqual(['B', 'A']);
    expect(outputs.get('A')).toEqual({ datatype: 'FP32', shape: [1, 2], data: new Uint8Array(8) });
  });

  it.each<[string, MessageInitShape<typeof ModelInferResponseSchema>, string]>([
    [
      'too few bytes',
      { outputs: [tensor('A', [1n, 2n])], rawOutputContents: [new Uint8Array(4)] },
      "output 'A': expected 8 bytes for FP32 [1,2], got 4",
    ],
    [
      'a size that only a negative dimension gives',
      { outputs: [tensor('A', [-1n, -2n])], rawOutputContents: [new Uint8Array(8)] },
      "output 'A': expected dimensions of at least 0, got [-1,-2]",
    ],
    ['no bytes', { outputs: [tensor('A', [1n])] }, "output 'A': expected raw bytes at index 0, got none"],
    [
      'a datatype that has no size',
      { outputs: [tensor('A', [1n], 'BYTES')], rawOutputContents: [new Uint8Array(5)] },
      "output 'A': expected a datatype of fixed size, got 'BYTES'",
    ],
    [
      'an output twice',
      { outputs: [tensor('A', [0n]), tensor('A', [0n])], rawOutputContents: [new Uint8Array(), new Uint8Array()] },
      "output 'A': expected once, got twice",
    ],
    [
      'another output than asked for',
      { outputs: [tensor('B', [0n])], rawOutputContents: [new Uint8Array()] },
      "output 'A': expected in the answer, got [B]",
    ],
  ])('is refused for %s', (_, init, message) => {
    expect(() => answer(init)).toThrow(
      expect.objectContaining({ name: 'TritonError', code: 'INTERNAL', model: 'm', message }),
    );
  });
});
