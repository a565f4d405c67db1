import { describe, expect, it } from 'vitest';
import type { InferParameter } from '../../../proto/gen/grpc_service_pb.ts';
import type { TritonErrorCode } from '../../../triton/client/triton-error.ts';
import { decodeBytesElements } from '../../../triton/core/bytes-elements.ts';
import type { InferInit } from './observed-refusals.ts';
import type { RawWire } from './raw-wire.ts';

type Parameters = Readonly<Record<string, { parameterChoice: InferParameter['parameterChoice'] }>>;

const integer = (value: number) => ({ parameterChoice: { case: 'int64Param' as const, value: BigInt(value) } });
const text = (value: string) => ({ parameterChoice: { case: 'stringParam' as const, value } });
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

function classes(model: string, datatype: string, shape: readonly number[], data: Uint8Array, parameters: Parameters) {
  return {
    modelName: model,
    inputs: [{ name: 'IN', datatype, shape: shape.map(BigInt) }],
    outputs: [{ name: 'OUT', parameters }],
    rawInputContents: [data],
  };
}

/** The parameters of requested outputs: classes instead of numbers. */
export function describeClassification(wire: () => RawWire): void {
  describe('of classes', () => {
    const ask = async (request: InferInit): Promise<[shape: number[] | undefined, classes: string[]]> => {
      const { outputs, rawOutputContents } = await wire().infer(request);
      expect(outputs).toMatchObject([{ name: 'OUT', datatype: 'BYTES' }]);
      const elements = decodeBytesElements(rawOutputContents[0] ?? new Uint8Array());
      return [outputs[0]?.shape.map(Number), elements.map(element => new TextDecoder().decode(element))];
    };

    it('gives the best of each row with value, index and label, where there is one', async () => {
      const data = floats(1, 5, 5.5, 3, -1, 0, 0.25, 7);
      const [shape, found] = await ask(classes('labelled', 'FP32', [2, 4], data, { classification: integer(3) }));
      expect(shape).toEqual([2, 3]);
      expect(found).toEqual([
        '5.500000:2',
        '5.000000:1:dog',
        '3.000000:3:bird',
        '7.000000:3:bird',
        '0.250000:2',
        '0.000000:1:dog',
      ]);
    });

    it('gives all classes where there are fewer than asked for', async () => {
      const request = classes('labelled', 'FP32', [1, 5], floats(1, 5, 4, 3, -0.123456789), {
        classification: integer(9),
      });
      expect(await ask(request)).toEqual([
        [1, 5],
        ['5.000000:1:dog', '4.000000:2', '3.000000:3:bird', '1.000000:0:cat', '-0.123457:4'],
      ]);
      const none = classes('id_FP32', 'FP32', [1, 0], new Uint8Array(), { classification: integer(2) });
      expect(await ask(none)).toEqual([[1, 0], []]);
    });

    it('counts the whole answer of a model without batches as one row', async () => {
      const request = classes('counted_alone', 'FP32', [3], floats(1, 3, 2), { classification: integer(2) });
      expect(await ask(request)).toEqual([[2], ['3.000000:1', '2.000000:2']]);
    });

    it.each<[string, Uint8Array, string[]]>([
      ['FP32', floats(1e10, -0), ['10000000000.000000:0', '-0.000000:1']],
      ['FP32', floats(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY), ['inf:1', '-inf:0']],
      [
        'FP64',
        new Uint8Array(Float64Array.of(2 ** 80, 0.1).buffer),
        ['1208925819614629174706176.000000:0', '0.100000:1'],
      ],
      ['INT8', Uint8Array.of(66, 190), ['66:0', '-66:1']],
      ['UINT8', Uint8Array.of(2, 200), ['200:1', '2:0']],
      ['INT16', new Uint8Array(Int16Array.of(-300, 300).buffer), ['300:1', '-300:0']],
      ['UINT16', new Uint8Array(Uint16Array.of(1, 65535).buffer), ['65535:1', '1:0']],
      ['INT32', new Uint8Array(Int32Array.of(-2, 2 ** 31 - 1).buffer), ['2147483647:1', '-2:0']],
      ['UINT32', new Uint8Array(Uint32Array.of(2 ** 32 - 1, 1).buffer), ['4294967295:0', '1:1']],
      ['INT64', new Uint8Array(BigInt64Array.of(2n, -3n).buffer), ['2:0', '-3:1']],
      ['UINT64', new Uint8Array(BigUint64Array.of(0n, 2n ** 64n - 1n).buffer), ['18446744073709551615:1', '0:0']],
    ])('writes %s values as Triton does', async (datatype, data, expected) => {
      const [, found] = await ask(classes(`id_${datatype}`, datatype, [1, 2], data, { classification: integer(2) }));
      expect(found).toEqual(expected);
    });

    it.each(['BOOL', 'FP16'])('refuses classes of %s', async datatype => {
      const data = new Uint8Array(datatype === 'BOOL' ? 2 : 4);
      const request = classes(`id_${datatype}`, datatype, [1, 2], data, { classification: integer(2) });
      await expect(wire().infer(request)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `class result not available for output due to unsupported type '${datatype}'`,
      });
    });

    it.each(wrongParameters())('refuses %s', async (_, parameters, code, message) => {
      const request = classes('id_FP32', 'FP32', [1, 2], floats(1, 2), parameters);
      await expect(wire().infer(request)).rejects.toMatchObject({ code, message });
      // Parameters of outputs are looked at before the outputs' names, the data before both.
      const outputs = [{ name: 'NOPE' }, { name: 'OUT', parameters }];
      await expect(wire().infer({ ...request, outputs })).rejects.toMatchObject({ code, message });
      await expect(wire().infer({ ...request, rawInputContents: [] })).rejects.toThrow(/unable to find data/);
    });
  });
}

function wrongParameters(): [name: string, parameters: Parameters, code: TritonErrorCode, text: string][] {
  const region = text('r');
  const size = integer(8);
  const ofTensor = "parameter for tensor 'OUT'";
  return [
    [
      'no classes',
      { classification: integer(0) },
      'INVALID_ARGUMENT',
      "invalid value for 'classification' parameter, expected >= 0",
    ],
    [
      'classes that are no number',
      { classification: text('2') },
      'INVALID_ARGUMENT',
      "invalid value type for 'classification' parameter, expected int64_param",
    ],
    [
      'classes into shared memory',
      { classification: integer(1), shared_memory_region: region, shared_memory_byte_size: size },
      'INVALID_ARGUMENT',
      "output can't set both 'shared_memory_region' and 'classification'",
    ],
    [
      'shared memory that nobody registered',
      { shared_memory_region: region, shared_memory_byte_size: size, shared_memory_offset: integer(0) },
      'NOT_FOUND',
      "Unable to find shared memory region: 'r'",
    ],
    [
      'shared memory without its size',
      { shared_memory_region: region },
      'INVALID_ARGUMENT',
      `'shared_memory_byte_size' must be specified along with 'shared_memory_region' ${ofTensor}`,
    ],
    [
      'a size without shared memory',
      { shared_memory_byte_size: text('x') },
      'INVALID_ARGUMENT',
      `'shared_memory_byte_size' can not be specified without 'shared_memory_region' ${ofTensor}`,
    ],
    [
      'an offset without shared memory',
      { shared_memory_offset: integer(0), shared_memory_byte_size: size },
      'INVALID_ARGUMENT',
      `'shared_memory_offset' can not be specified without 'shared_memory_region' ${ofTensor}`,
    ],
    [
      'shared memory that is no name',
      { shared_memory_region: integer(1), shared_memory_offset: text('x') },
      'INVALID_ARGUMENT',
      `invalid value type for 'shared_memory_region' ${ofTensor}, expected string_param.`,
    ],
    [
      'an offset that is no number',
      { shared_memory_region: region, shared_memory_offset: text('x') },
      'INVALID_ARGUMENT',
      `invalid value type for 'shared_memory_offset' ${ofTensor}, expected int64_param.`,
    ],
  ];
}
