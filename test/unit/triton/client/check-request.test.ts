import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { DataType, ModelConfigSchema } from '../../../../proto/gen/model_config_pb.ts';
import { problemOf, toModelSpec } from '../../../../triton/client/check-request.ts';
import type { InferRequest, NamedTensor } from '../../../../triton/client/triton-client.ts';

type ConfigInit = Omit<MessageInitShape<typeof ModelConfigSchema>, '$typeName' | '$unknown'>;

const config: ConfigInit = {
  maxBatchSize: 4,
  input: [
    { name: 'A', dataType: DataType.TYPE_FP32, dims: [3n, -1n] },
    { name: 'TEXT', dataType: DataType.TYPE_STRING, dims: [1n] },
    { name: 'MAYBE', dataType: DataType.TYPE_INT64, dims: [1n], optional: true },
  ],
  output: [{ name: 'OUT', dataType: DataType.TYPE_FP32, dims: [1n] }],
};

const input = (name: string, datatype: NamedTensor['datatype'], shape: number[]): NamedTensor => ({
  name,
  datatype,
  shape,
  data: new Uint8Array(),
});
const a = input('A', 'FP32', [2, 3, 7]);
const text = input('TEXT', 'BYTES', [2, 1]);

const problem = (inputs: NamedTensor[], more: Partial<InferRequest> = {}, change: ConfigInit = {}) =>
  problemOf(
    { model: 'm', inputs, ...more },
    toModelSpec(create(ModelConfigSchema, { ...config, ...change } as ConfigInit)),
  );

describe('a request, held against the configuration of its model,', () => {
  it.each<[string, string | undefined]>([
    ['in the order of the model', problem([a, text])],
    ['in another order', problem([text, a])],
    ['with an optional input', problem([a, text, input('MAYBE', 'INT64', [2, 1])])],
    ['with the largest batch', problem([input('A', 'FP32', [4, 3, 0]), input('TEXT', 'BYTES', [4, 1])])],
    ['for an output', problem([a, text], { outputs: ['OUT', { name: 'OUT', classes: 1 }] })],
    [
      'of a model that does not batch',
      problem([input('A', 'FP32', [3, 9]), input('TEXT', 'BYTES', [1])], {}, { maxBatchSize: 0 }),
    ],
  ])('is good %s', (_, found) => {
    expect(found).toBeUndefined();
  });

  it.each<[string | undefined, string]>([
    [problem([a, text, input('B', 'FP32', [2, 1])]), "input 'B': expected one of [A,TEXT,MAYBE]"],
    [problem([a, a]), "input 'A': expected once"],
    [problem([a]), "input 'TEXT': expected, got none"],
    [problem([input('A', 'FP64', [2, 3, 7]), text]), "input 'A': expected FP32, got FP64"],
    [problem([input('A', 'FP32', [2, 4, 7]), text]), "input 'A': expected shape [n,3,-1], got [2,4,7]"],
    [problem([input('A', 'FP32', [3, 7]), text]), "input 'A': expected shape [n,3,-1], got [3,7]"],
    [problem([input('A', 'FP32', [2, 3, -1]), text]), "input 'A': expected shape [n,3,-1], got [2,3,-1]"],
    [problem([input('A', 'FP32', [5, 3, 7]), text]), "input 'A': expected a batch of 1 to 4, got 5"],
    [problem([input('A', 'FP32', [0, 3, 7]), text]), "input 'A': expected a batch of 1 to 4, got 0"],
    [problem([a, input('TEXT', 'BYTES', [3, 1])]), "input 'TEXT': expected a batch of 2 as of 'A', got 3"],
    [problem([a, text], { outputs: ['OUT', 'NOPE'] }), "output 'NOPE': expected one of [OUT]"],
  ])('is refused: %s', (found, expected) => {
    expect(found).toBe(expected);
  });

  it('is left to the server where shapes are not told in advance', () => {
    const ragged = [{ name: 'A', dataType: DataType.TYPE_FP32, dims: [3n], allowRaggedBatch: true }];
    expect(problem([input('A', 'FP32', [9, 9, 9])], {}, { input: ragged })).toBeUndefined();
  });
});
