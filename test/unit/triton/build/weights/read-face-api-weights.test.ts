import { describe, expect, it } from 'vitest';
import { readFaceApiWeights } from '../../../../../triton/build/weights/read-face-api-weights.ts';
import { WeightsError } from '../../../../../triton/build/weights/weights-error.ts';

const quantised = { name: 'w', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } };
const group = (...weights: readonly unknown[]): unknown => ({ paths: ['a.bin'], weights });

describe('readFaceApiWeights', () => {
  it('restores quantised values as q · scale + min', () => {
    const weights = readFaceApiWeights([group(quantised)], [Uint8Array.of(0, 2, 255)]);
    expect(weights.get('w')).toEqual({ shape: [3], data: Float32Array.of(-1, 0, 126.5) });
  });

  it('rounds quantised int32 values', () => {
    const sizes = { ...quantised, dtype: 'int32', quantization: { dtype: 'uint8', scale: 0.4, min: 5118 } };
    expect(readFaceApiWeights([group(sizes)], [Uint8Array.of(0, 1, 2)]).get('w')?.data).toEqual(
      Float32Array.of(5118, 5118, 5119),
    );
  });

  it('reads unquantised float32 and int32 tensors, and scalars, at any alignment', () => {
    const manifest = [
      group(
        { ...quantised, shape: [1] },
        { name: 'f', shape: [2], dtype: 'float32' },
        { name: 'i', shape: [], dtype: 'int32' },
      ),
    ];
    const bytes = Uint8Array.of(0, ...new Uint8Array(Float32Array.of(1.5, -2).buffer), 254, 255, 255, 255);
    const weights = readFaceApiWeights(manifest, [bytes]);
    expect(weights.get('f')?.data).toEqual(Float32Array.of(1.5, -2));
    expect(weights.get('i')).toEqual({ shape: [], data: Float32Array.of(-2) });
  });

  it('takes a tensor that lies across the shards of its group, and groups in order', () => {
    const manifest = [
      { paths: ['1', '2'], weights: [quantised] },
      { paths: ['3'], weights: [{ ...quantised, name: 'v', shape: [1] }] },
    ];
    const weights = readFaceApiWeights(manifest, [Uint8Array.of(2, 4), Uint8Array.of(6), Uint8Array.of(8)]);
    expect(weights.get('w')?.data).toEqual(Float32Array.of(0, 1, 2));
    expect(weights.get('v')?.data).toEqual(Float32Array.of(3));
  });

  it.each<[string, unknown, readonly Uint8Array[], string]>([
    ['what is no manifest', { weights: [] }, [], 'weights manifest: ✖ Invalid input'],
    ['a negative size', [group({ ...quantised, shape: [-3] })], [new Uint8Array(3)], 'shape'],
    ['another element type', [group({ ...quantised, dtype: 'float16' })], [new Uint8Array(3)], 'dtype'],
    [
      'another quantisation',
      [group({ ...quantised, quantization: { dtype: 'uint16', scale: 1, min: 0 } })],
      [new Uint8Array(6)],
      'quantization.dtype',
    ],
    ['a missing shard', [group(quantised)], [], 'expected 1 shards (a.bin), got 0'],
    ['too few bytes', [group(quantised)], [new Uint8Array(2)], 'shards a.bin: expected 3 bytes, got 2'],
    ['too many bytes', [group(quantised)], [new Uint8Array(4)], 'shards a.bin: expected 3 bytes, got 4'],
    [
      'a tensor larger than any memory',
      [group({ ...quantised, shape: [2 ** 40, 2 ** 40, 2 ** 40] })],
      [new Uint8Array(3)],
      'got 3',
    ],
    ['a name used twice', [group(quantised, quantised)], [new Uint8Array(6)], "names 'w' twice"],
  ])('refuses %s', (_, manifest, shards, message) => {
    expect(() => readFaceApiWeights(manifest, shards)).toThrow(WeightsError);
    expect(() => readFaceApiWeights(manifest, shards)).toThrow(message);
  });
});
