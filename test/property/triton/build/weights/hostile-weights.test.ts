import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFaceApiWeights } from '../../../../../triton/build/weights/read-face-api-weights.ts';
import { readPickleWeights } from '../../../../../triton/build/weights/read-pickle-weights.ts';
import { WeightsError } from '../../../../../triton/build/weights/weights-error.ts';
import * as pickle from '../../../../unit/triton/build/weights/state-dict.ts';
import { stateDict, stored, type TestTensor, zipEntries } from '../../../../unit/triton/build/weights/state-dict.ts';

const tensors = fc.uniqueArray(fc.string({ maxLength: 6 }), { maxLength: 4 }).chain(names =>
  fc.tuple(
    ...names.map(name =>
      fc
        .array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
        .chain(shape => fc.tuple(fc.constant(shape), values(shape)))
        .map(([shape, storage]): TestTensor => ({ name, shape, strides: rowMajor(shape), storage })),
    ),
  ),
);

function values(shape: readonly number[]): fc.Arbitrary<Float32Array> {
  const length = shape.reduce((product, size) => product * size, 1);
  return fc.float32Array({ minLength: length, maxLength: length });
}

function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
}

/** Whether reading ends in weights or in our own error; any other error comes through. */
function isHandled(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof WeightsError) return true;
    throw error;
  }
}

const formats: [string, (tensors: readonly TestTensor[]) => Uint8Array][] = [
  ['legacy', stateDict],
  ['zip', tensors => stored(zipEntries(tensors))],
];

describe.each(formats)('readPickleWeights, %s format', (_, write) => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(tensors, written => {
        const weights = readPickleWeights(write(written));
        expect(weights.size).toBe(written.length);
        for (const { name, shape, storage } of written) expect(weights.get(name)).toEqual({ shape, data: storage });
      }),
    );
  });

  it('refuses every truncated file', () => {
    fc.assert(
      fc.property(tensors, fc.nat(), (written, cut) => {
        const file = write(written);
        expect(() => readPickleWeights(file.subarray(0, cut % file.length))).toThrow(WeightsError);
      }),
    );
  });

  it('ends in weights or in a WeightsError when bytes are overwritten, inserted or dropped', () => {
    const edit = fc.record({
      at: fc.nat(),
      drop: fc.integer({ min: 0, max: 3 }),
      insert: fc.uint8Array({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(tensors, fc.array(edit, { minLength: 1, maxLength: 4 }), (written, edits) => {
        let file = write(written);
        for (const { at, drop, insert } of edits) {
          const position = at % file.length;
          file = Uint8Array.of(...file.subarray(0, position), ...insert, ...file.subarray(position + drop));
        }
        return isHandled(() => readPickleWeights(file));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('readPickleWeights', () => {
  it('ends in weights or in a WeightsError on any sequence of the opcodes that it knows', () => {
    const constant: readonly pickle.Part[] = [
      ...[
        pickle.mark,
        pickle.none,
        pickle.newTrue,
        pickle.emptyDict,
        pickle.emptyList,
        pickle.emptyTuple,
        pickle.tuple,
      ],
      ...[pickle.setItems, pickle.appends, pickle.reduce, pickle.persistentId, pickle.stop],
      ...[
        pickle.global('collections', 'OrderedDict'),
        pickle.global('torch', 'FloatStorage'),
        pickle.orderedDict.flat(),
      ],
      pickle.tensorCall('0', { name: 'w', shape: [1], strides: [1], storage: Float32Array.of(1) }).flat(),
    ];
    const opcode = fc.oneof(
      fc.constantFrom(...constant),
      fc.integer().map(pickle.int),
      fc.string({ maxLength: 4 }).map(pickle.unicode),
      fc.nat({ max: 3 }).map(pickle.put),
      fc.nat({ max: 3 }).map(pickle.get),
    );
    fc.assert(
      fc.property(fc.array(opcode, { maxLength: 30 }), opcodes =>
        isHandled(() => readPickleWeights(pickle.bytes(pickle.head, [pickle.proto], opcodes, [pickle.stop]))),
      ),
      { numRuns: 2000 },
    );
  });
});

describe('readFaceApiWeights', () => {
  const entry = fc.record(
    {
      name: fc.string({ maxLength: 3 }),
      shape: fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer(), fc.double()), { maxLength: 3 }),
      dtype: fc.constantFrom('float32', 'int32', 'float16', 7),
      quantization: fc.record(
        { dtype: fc.constantFrom('uint8', 'uint16'), scale: fc.double(), min: fc.oneof(fc.double(), fc.string()) },
        { requiredKeys: ['dtype', 'scale'] },
      ),
    },
    { requiredKeys: [] },
  );
  const group = fc.record({
    paths: fc.array(fc.string(), { maxLength: 3 }),
    weights: fc.array(entry, { maxLength: 3 }),
  });
  const manifest = fc.oneof(fc.array(group, { maxLength: 3 }), fc.jsonValue());

  it('ends in weights or in a WeightsError, whatever manifest and shards are', () => {
    fc.assert(
      fc.property(manifest, fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), (json, shards) =>
        isHandled(() => readFaceApiWeights(json, shards)),
      ),
      { numRuns: 2000 },
    );
  });
});
