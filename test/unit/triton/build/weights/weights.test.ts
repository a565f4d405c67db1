import { describe, expect, it } from 'vitest';
import { takeWeight } from '../../../../../triton/build/weights/weights.ts';
import { WeightsError } from '../../../../../triton/build/weights/weights-error.ts';

describe('takeWeight', () => {
  const weights = new Map([['w', { shape: [2, 1], data: Float32Array.of(1, 2) }]]);

  it('gives the weight of this name and shape', () => {
    expect(takeWeight(weights, 'w', [2, 1]).data).toEqual(Float32Array.of(1, 2));
  });

  it('names the weight, the expected shape and what there is instead', () => {
    const expectError = (name: string, shape: readonly number[], message: string): void =>
      expect(() => takeWeight(weights, name, shape)).toThrow(new WeightsError(message));
    expectError('w', [1, 2], "weight 'w': expected shape [1,2], got [2,1]");
    expectError('w', [2], "weight 'w': expected shape [2], got [2,1]");
    expectError('v', [], "weight 'v': expected shape [], got no such weight");
  });
});
