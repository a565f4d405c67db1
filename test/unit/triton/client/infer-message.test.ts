import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ModelInferResponseSchema } from '../../../../proto/gen/grpc_service_pb.ts';
import { expectOutputs, fromInferMessage, toInferMessage } from '../../../../triton/client/infer-message.ts';
import type { InferRequest, InferResult } from '../../../../triton/client/triton-client.ts';

const data = new Uint8Array(16);
const request: InferRequest = {
  model: 'm',
  id: 'r1',
  inputs: [{ name: 'IN', datatype: 'FP32', shape: [1, 4], data }],
  outputs: ['A'],
};
const answer = (init: MessageInitShape<typeof ModelInferResponseSchema>): InferResult => {
  const message = create(ModelInferResponseSchema, { modelName: 'm', modelVersion: '2', id: 'r1', ...init });
  const result = fromInferMessage(message, request);
  expectOutputs(result, request);
  return result;
};
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

describe('what a request says beside its tensors', () => {
  const parametersOf = (change: Partial<InferRequest>) =>
    Object.fromEntries(
      Object.entries(toInferMessage({ ...request, ...change }).parameters).map(([name, { parameterChoice }]) => [
        name,
        [parameterChoice.case, parameterChoice.value],
      ]),
    );

  it('is priority, timeout and sequence, under the names that Triton gives them', () => {
    const sequence = { id: 42, start: true };
    expect(parametersOf({ priority: 1, timeoutMicroseconds: 2_000_000, sequence })).toEqual({
      priority: ['int64Param', 1n],
      timeout: ['int64Param', 2_000_000n],
      sequence_id: ['int64Param', 42n],
      sequence_start: ['boolParam', true],
      sequence_end: ['boolParam', false],
    });
    expect(parametersOf({ sequence: { id: 'talk', end: true } })).toMatchObject({
      sequence_id: ['stringParam', 'talk'],
      sequence_end: ['boolParam', true],
    });
  });

  it('is any parameter, each in the type of the wire that holds it', () => {
    const parameters = {
      text: 'a',
      yes: true,
      whole: -3,
      half: 0.5,
      one: { double: 1 },
      wide: -(2n ** 63n),
      wider: 2n ** 63n,
    };
    expect(parametersOf({ parameters })).toEqual({
      text: ['stringParam', 'a'],
      yes: ['boolParam', true],
      whole: ['int64Param', -3n],
      half: ['doubleParam', 0.5],
      one: ['doubleParam', 1],
      wide: ['int64Param', -(2n ** 63n)],
      wider: ['uint64Param', 2n ** 63n],
    });
    expect(() => toInferMessage({ ...request, parameters: { huge: 2n ** 64n } })).toThrow(
      "parameter 'huge': expected an integer of 64 bits, got 18446744073709551616",
    );
  });

  it('is what is wanted of an output, and where tensors lie that are not in the message', () => {
    const range = { region: 'frames', byteSize: 16, offset: 32 };
    const message = toInferMessage({
      ...request,
      inputs: [
        { name: 'FAR', datatype: 'FP32', shape: [1, 4], data: new Uint8Array(), sharedMemory: range },
        { name: 'IN', datatype: 'FP32', shape: [1, 4], data, parameters: { scale: 0.5 } },
      ],
      outputs: [{ name: 'A', classes: 3 }, { name: 'B', sharedMemory: { region: 'answers', byteSize: 8 } }, 'C'],
    });
    expect(message.rawInputContents).toEqual([data]);
    const choices = (parameters: Record<string, { parameterChoice: { value?: unknown } }>) =>
      Object.fromEntries(
        Object.entries(parameters).map(([name, { parameterChoice }]) => [name, parameterChoice.value]),
      );
    expect(message.inputs.map(({ parameters }) => choices(parameters))).toEqual([
      { shared_memory_region: 'frames', shared_memory_byte_size: 16n, shared_memory_offset: 32n },
      { scale: 0.5 },
    ]);
    expect(message.outputs.map(({ name, parameters }) => [name, choices(parameters)])).toEqual([
      ['A', { classification: 3n }],
      ['B', { shared_memory_region: 'answers', shared_memory_byte_size: 8n }],
      ['C', {}],
    ]);
    const both = { name: 'FAR', datatype: 'FP32' as const, shape: [1, 4], data, sharedMemory: range };
    expect(() => toInferMessage({ ...request, inputs: [both] })).toThrow(
      "input 'FAR': expected 0 bytes for a tensor in shared memory, got 16",
    );
  });
});

describe("a server's answer", () => {
  it('holds no bytes of outputs that were to be put into shared memory', () => {
    const range = { region: 'answers', byteSize: 8, offset: 0 };
    const wanted: InferRequest = { ...request, outputs: [{ name: 'A', sharedMemory: range }, 'B'] };
    const init = {
      outputs: [tensor('A', [2n]), tensor('B', [1n])],
      rawOutputContents: [new Uint8Array(), new Uint8Array(4)],
    };
    const { outputs } = fromInferMessage(create(ModelInferResponseSchema, init), wanted);
    expect(outputs.get('A')).toEqual({ datatype: 'FP32', shape: [2], data: new Uint8Array(), sharedMemory: range });
    expect(outputs.get('B')).toEqual({ datatype: 'FP32', shape: [1], data: new Uint8Array(4) });
  });

  it('is read by output name, whatever its order', () => {
    const { outputs, ...rest } = answer({
      parameters: {
        triton_final_response: { parameterChoice: { case: 'boolParam', value: true } },
        tokens: { parameterChoice: { case: 'int64Param', value: 7n } },
      },
      outputs: [tensor('B', [1n], 'UINT8'), tensor('A', [1n, 2n])],
      rawOutputContents: [Uint8Array.of(7), new Uint8Array(8)],
    });
    const parameters = { triton_final_response: true, tokens: 7n };
    expect(rest).toEqual({ model: 'm', version: '2', id: 'r1', parameters });
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
      'a datatype that the protocol does not have',
      { outputs: [tensor('A', [1n], 'FLOAT')], rawOutputContents: [new Uint8Array(4)] },
      "output 'A': expected a datatype of the protocol, got 'FLOAT'",
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
