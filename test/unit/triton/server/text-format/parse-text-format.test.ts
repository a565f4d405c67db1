import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  DataType,
  type ModelConfig,
  ModelConfigSchema,
  ModelInstanceGroup_Kind,
} from '../../../../../proto/gen/model_config_pb.ts';
import { parseTextFormat } from '../../../../../triton/server/text-format/parse-text-format.ts';

const parse = (text: string): ModelConfig => parseTextFormat(ModelConfigSchema, text);
const config = (init: Parameters<typeof create<typeof ModelConfigSchema>>[1]): ModelConfig =>
  create(ModelConfigSchema, init);

describe('the text format', () => {
  it('reads a config.pbtxt as people write one', () => {
    const text = `
      # An embedder.
      name: "embed"            # comments anywhere
      backend: 'onnxruntime'
      max_batch_size: 16
      input [ { name: "input" data_type: TYPE_FP32 dims: [ 3, 112, 112 ] } ]
      output: [ { name: "embedding"; data_type: TYPE_FP32, dims: 512 } ]
      instance_group [ { count: 1 kind: KIND_CPU } ]
      dynamic_batching { preferred_batch_size: [ 8, 16 ] max_queue_delay_microseconds: 2000 }
      parameters [ { key: "onnx" value: { string_value: "model.onnx" } } ]
      version_policy { latest { num_versions: 1 } }`;
    expect(parse(text)).toEqual(
      config({
        name: 'embed',
        backend: 'onnxruntime',
        maxBatchSize: 16,
        input: [{ name: 'input', dataType: DataType.TYPE_FP32, dims: [3n, 112n, 112n] }],
        output: [{ name: 'embedding', dataType: DataType.TYPE_FP32, dims: [512n] }],
        instanceGroup: [{ count: 1, kind: ModelInstanceGroup_Kind.CPU }],
        schedulingChoice: {
          case: 'dynamicBatching',
          value: { preferredBatchSize: [8, 16], maxQueueDelayMicroseconds: 2000n },
        },
        parameters: { onnx: { stringValue: 'model.onnx' } },
        versionPolicy: { policyChoice: { case: 'latest', value: { numVersions: 1 } } },
      }),
    );
  });

  it('reads repeated fields one by one, in lists, and both together', () => {
    const expected = config({ input: [{ dims: [1n, 2n, 3n] }, { name: 'b' }] });
    expect(parse('input { dims: 1 dims: [2, 3] } input < name: "b" >')).toEqual(expected);
    expect(parse('input: [ { dims: [1,2,3] dims: [] }, < name: "b" > ]')).toEqual(expected);
    expect(parse('input []')).toEqual(config({}));
  });

  it('reads maps: entries one by one or in a list, absent parts empty, the last of a key', () => {
    expect(parse('metric_tags { key: "a" value: "1" } metric_tags [ { value: "2" key: "b" }, {key:"c"} ]')).toEqual(
      config({ metricTags: { a: '1', b: '2', c: '' } }),
    );
    expect(parse('parameters { key: "a" } parameters { key: "a" value { string_value: "x" } }')).toEqual(
      config({ parameters: { a: { stringValue: 'x' } } }),
    );
    const policy =
      'dynamic_batching { priority_queue_policy { key: 18446744073709551615 value { max_queue_size: 3 } } }';
    expect(parse(policy).schedulingChoice.value).toMatchObject({
      priorityQueuePolicy: { '18446744073709551615': { maxQueueSize: 3 } },
    });
  });

  it('joins strings, in either quote, and reads their escapes', () => {
    expect(parse(`name: "a" 'b'\n "c"`).name).toBe('abc');
    expect(parse(String.raw`name: "tab\t quote\" '\x41\101\u00e9\U0001F600" '\'"'`).name).toBe(
      'tab\t quote" \'AAé😀\'"',
    );
    expect(parse('name: "Zürich"').name).toBe('Zürich');
    expect(parse(String.raw`name: "\303\274"`).name).toBe('ü');
  });

  it('reads numbers: decimal, hexadecimal, octal, signed, floats with exponents and suffix', () => {
    expect(parse('max_batch_size: 0x1F').maxBatchSize).toBe(31);
    expect(parse('max_batch_size: 017').maxBatchSize).toBe(15);
    expect(parse('max_batch_size: - 3').maxBatchSize).toBe(-3);
    expect(parse('input { dims: -1 dims: 9223372036854775807 }').input[0]?.dims).toEqual([-1n, 9223372036854775807n]);
    const slots = (text: string): unknown => {
      const { schedulingChoice } = parse(`sequence_batching { direct { minimum_slot_utilization: ${text} } }`);
      return schedulingChoice.case === 'sequenceBatching' && schedulingChoice.value.strategyChoice.value;
    };
    expect(slots('0.5f')).toMatchObject({ minimumSlotUtilization: 0.5 });
    expect(slots('-1e-3')).toMatchObject({ minimumSlotUtilization: Math.fround(-0.001) });
    expect(slots('.25')).toMatchObject({ minimumSlotUtilization: 0.25 });
    expect(slots('-inf')).toMatchObject({ minimumSlotUtilization: Number.NEGATIVE_INFINITY });
    expect(slots('nan')).toMatchObject({ minimumSlotUtilization: Number.NaN });
    expect(slots('2')).toMatchObject({ minimumSlotUtilization: 2 });
  });

  it('reads bools and enums by word and by number', () => {
    const enabled = (text: string): boolean | undefined =>
      parse(`response_cache { enable: ${text} }`).responseCache?.enable;
    expect(['true', 'True', 't', '1'].map(enabled)).toEqual([true, true, true, true]);
    expect(['false', 'False', 'f', '0'].map(enabled)).toEqual([false, false, false, false]);
    expect(parse('input { data_type: 11 }')).toEqual(config({ input: [{ dataType: DataType.TYPE_FP32 }] }));
  });

  it('reads nothing as an empty message', () => {
    expect(parse('')).toEqual(config({}));
    expect(parse('  # only a comment')).toEqual(config({}));
  });

  it.each([
    ['nme: "x"', "1:1: inference.ModelConfig has no field 'nme'"],
    ['name: "x"\n  inputs { }', "2:3: inference.ModelConfig has no field 'inputs'"],
    ['input { data: 1 }', "1:9: inference.ModelInput has no field 'data'"],
    ['name: "a" name: "b"', "1:11: field 'name' is set twice"],
    ['version_policy {} version_policy {}', "1:19: field 'version_policy' is set twice"],
    ['version_policy { all {} latest {} }', "1:25: field 'latest' excludes 'all', which is set already"],
    [
      'max_batch_size: oops',
      "1:17: field 'max_batch_size': expected an integer in [-2147483648, 2147483647], got oops",
    ],
    ['max_batch_size: 2147483648', /1:17: .*got 2147483648/],
    ['max_batch_size: 1.5', /1:17: .*expected an integer.*got 1\.5/],
    ['max_batch_size: "8"', '1:17: field \'max_batch_size\': expected a value of type int32, got "8"'],
    ['max_batch_size: 08', /expected an integer.*got 08/],
    ['version_policy { latest { num_versions: -1 } }', /expected an integer in \[0, 4294967295\], got -1/],
    ['input { data_type: TYPE_FLOAT }', /1:20: field 'data_type': expected one of TYPE_INVALID, .*got TYPE_FLOAT/],
    ['input { data_type: 99 }', /expected one of TYPE_INVALID/],
    ['response_cache { enable: yes }', "1:26: field 'enable': expected true or false, got yes"],
    ['name: onnx', "1:7: field 'name': expected a string in quotes, got onnx"],
    ['name "x"', "1:6: field 'name': expected ':', got \"x\""],
    ['name: "x', '1:7: a string has no closing quote on its line'],
    ['name: "x\n"', '1:7: a string has no closing quote on its line'],
    [String.raw`name: "ab\q"`, String.raw`1:10: unknown escape \q`],
    [String.raw`name: "\400"`, String.raw`1:8: escape \400: expected a byte, got 256`],
    [String.raw`name: "\ud800"`, /expected a Unicode scalar value/],
    [String.raw`name: "\xff"`, '1:7: field \'name\': expected a string of valid UTF-8, got "\\xff"'],
    ['max_batch_size: 8x', '1:17: not a number: "8x"'],
    ['name: @', '1:7: unexpected character "@"'],
    ['input {', '1:8: expected a field of inference.ModelInput, got the end of the text'],
    ['input }', "1:7: expected '{' of inference.ModelInput, got }"],
    ['input { name: "a" >', '1:19: expected a field of inference.ModelInput, got >'],
    ['input [ {} {} ]', "1:12: field 'input': expected ',' or ']', got {"],
    ['input [ {}, ]', "1:13: expected '{' of inference.ModelInput, got ]"],
    ['name: ["a"]', '1:7: expected a value, got ['],
    ['[ext.name]: 1', '1:1: expected a field of inference.ModelConfig, got ['],
    ['metric_tags { key: "a" key: "b" }', "1:24: entry of 'metric_tags': expected key and value once each, got key"],
    ['metric_tags { name: "a" }', "1:15: entry of 'metric_tags': expected key and value once each, got name"],
    ['name: -"a"', '1:8: expected a value, got "a"'],
  ])('refuses %s', (text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'TextFormatError' }));
    expect(() => parse(text)).toThrow(message);
  });

  it('bounds how deep messages nest', () => {
    expect(() => parseTextFormat(ModelConfigSchema, nested(2), { maxDepth: 2 })).not.toThrow();
    expect(() => parseTextFormat(ModelConfigSchema, nested(3), { maxDepth: 2 })).toThrow(
      'expected at most 2 messages inside each other',
    );
  });
});

/** Messages inside each other, as deep as the configuration allows. */
function nested(depth: number): string {
  const names = ['optimization', 'cuda', 'graph_spec', 'graph_lower_bound'].slice(0, depth);
  return names.map(name => `${name} {`).join(' ') + '}'.repeat(names.length);
}
