import { describe, expect, it } from 'vitest';
import { permute } from '../../../../../triton/build/weights/permute.ts';

describe('permute', () => {
  const weight = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };

  it('transposes a matrix', () => {
    expect(permute(weight, [1, 0])).toEqual({ shape: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) });
  });

  it('puts index (h, w, in, out) at (out, in, h, w)', () => {
    const [height, width, inputs, outputs] = [2, 3, 4, 5];
    const data = Float32Array.from({ length: height * width * inputs * outputs }, (_, i) => i);
    const { shape, data: moved } = permute({ shape: [height, width, inputs, outputs], data }, [3, 2, 0, 1]);
    expect(shape).toEqual([5, 4, 2, 3]);
    // Index (1, 2, 3, 4) there is (4, 3, 1, 2) here.
    expect(moved[((4 * inputs + 3) * height + 1) * width + 2]).toBe(((1 * width + 2) * inputs + 3) * outputs + 4);
  });

  it('keeps scalars and empty tensors', () => {
    expect(permute({ shape: [], data: Float32Array.of(7) }, [])).toEqual({ shape: [], data: Float32Array.of(7) });
    expect(permute({ shape: [0, 2], data: new Float32Array() }, [1, 0]).shape).toEqual([2, 0]);
  });

  it('refuses what is no order of the axes', () => {
    for (const order of [[0], [0, 0], [0, 2], [0, 1, 2]]) expect(() => permute(weight, order)).toThrow(RangeError);
  });
});
