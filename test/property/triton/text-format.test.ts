import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataType, ModelConfigSchema, ModelInstanceGroup_Kind } from '../../../proto/gen/model_config_pb.ts';
import { parseTextFormat } from '../../../triton/server/text-format/parse-text-format.ts';
import { TextFormatError } from '../../../triton/server/text-format/text-format-error.ts';
import { type WriteStyle, writeTextFormat } from './write-text-format.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const tensor = fc.record({
  name: text,
  dataType: fc.constantFrom(...Object.values(DataType)),
  dims: fc.array(int64, { maxLength: 4 }),
});
const tags = fc.dictionary(text, text, { maxKeys: 3 });

const scheduling = fc.oneof(
  fc.record({
    case: fc.constant('dynamicBatching' as const),
    value: fc.record({
      preferredBatchSize: fc.array(int32, { maxLength: 3 }),
      maxQueueDelayMicroseconds: uint64,
      preserveOrdering: fc.boolean(),
      priorityQueuePolicy: fc.dictionary(
        uint64.map(String),
        fc.record({ maxQueueSize: fc.nat(), allowTimeoutOverride: fc.boolean() }),
        { maxKeys: 2 },
      ),
    }),
  }),
  fc.record({
    case: fc.constant('sequenceBatching' as const),
    value: fc.record({
      strategyChoice: fc.record({
        case: fc.constant('direct' as const),
        value: fc.record({ minimumSlotUtilization: fc.float({ noDefaultInfinity: false }) }),
      }),
    }),
  }),
  fc.constant({ case: undefined, value: undefined }),
);

const config = fc
  .record({
    name: text,
    maxBatchSize: int32,
    input: fc.array(tensor, { maxLength: 3 }),
    output: fc.array(tensor, { maxLength: 2 }),
    instanceGroup: fc.array(
      fc.record({
        count: int32,
        kind: fc.constantFrom(...Object.values(ModelInstanceGroup_Kind)),
        gpus: fc.array(int32),
      }),
      { maxLength: 2 },
    ),
    schedulingChoice: scheduling,
    metricTags: tags,
    parameters: fc.dictionary(text, fc.record({ stringValue: text }), { maxKeys: 3 }),
    responseCache: fc.option(fc.record({ enable: fc.boolean() }), { nil: undefined }),
  })
  .map(init => create(ModelConfigSchema, init));

const style: fc.Arbitrary<WriteStyle> = fc.record({
  brackets: fc.constantFrom('{}' as const, '<>' as const),
  colonBeforeMessage: fc.boolean(),
  lists: fc.boolean(),
  separator: fc.constantFrom('' as const, ',' as const, ';' as const),
  quote: fc.constantFrom('"' as const, "'" as const),
  space: fc.constantFrom(' ' as const, '\n' as const, ' # a comment { [ "\n' as const),
});

describe('the text format', () => {
  it('gives back every configuration that is written in it, in every style', () => {
    fc.assert(
      fc.property(config, style, (message, how) => {
        const written = writeTextFormat(ModelConfigSchema, message, how);
        expect(parseTextFormat(ModelConfigSchema, written)).toEqual(message);
      }),
      { numRuns: 300 },
    );
  });

  it('answers anything else with its own error, which names a place in the text', () => {
    const words = fc.constantFrom(
      ...'name input { } < > [ ] : ; , - "a" \'b\' 1 0x 1.5e TYPE_FP32 key value dims # \n \\ " '.split(' '),
    );
    const hostile = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 30 }).map(parts => parts.join(' ')),
    );
    fc.assert(
      fc.property(hostile, source => {
        try {
          parseTextFormat(ModelConfigSchema, source);
        } catch (error) {
          expect(error).toBeInstanceOf(TextFormatError);
          if (!(error instanceof TextFormatError)) return;
          const lines = source.split('\n');
          expect(error.line).toBeLessThanOrEqual(lines.length);
          expect(error.column).toBeLessThanOrEqual((lines[error.line - 1] ?? '').length + 1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses deep nesting instead of running out of stack', () => {
    const deep = 'input { reshape '.repeat(50_000);
    expect(() => parseTextFormat(ModelConfigSchema, deep)).toThrow(TextFormatError);
  });
});
