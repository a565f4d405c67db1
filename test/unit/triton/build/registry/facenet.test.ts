import { describe, expect, it } from 'vitest';
import { checkInceptionResnetV1 } from '../../../../../triton/build/networks/check-inception-resnet-v1.ts';
import { expectedTensors } from '../../../../../triton/build/networks/inception-resnet-v1-layers.ts';
import { seededWeights } from '../../../../../triton/build/networks/seeded-weights.ts';
import { facenetSeeded } from '../../../../../triton/build/registry/facenet.ts';
import type { Weight } from '../../../../../triton/build/weights/weights.ts';
import { WeightsError } from '../../../../../triton/build/weights/weights-error.ts';
import { sha256 } from '../tiny-model.ts';

const seeded = seededWeights(expectedTensors, 20180402);

describe('facenet_seeded', () => {
  it('pins the sum of its recipe, whose change would change the fingerprint', () => {
    const [place] = facenetSeeded.places;
    expect(place?.kind === 'generated' && sha256(place.recipe)).toBe(facenetSeeded.weights[0]?.sha256);
  });
});

describe('checkInceptionResnetV1', () => {
  const weight = (...shape: number[]): Weight => {
    return { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) };
  };
  const changed = (changes: Record<string, Weight | null>): ReadonlyMap<string, Weight> => {
    const weights = new Map(seeded);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) weights.delete(name);
      else weights.set(name, value);
    }
    return weights;
  };
  const check = (changes: Record<string, Weight | null>) => () => checkInceptionResnetV1(changed(changes), 8631);

  it('takes the tensors of the embedding, with or without what only training used', () => {
    expect(check({})).not.toThrow();
    const counters = { 'last_bn.num_batches_tracked': weight() };
    expect(check({ ...counters, 'logits.weight': weight(8631, 512), 'logits.bias': weight(8631) })).not.toThrow();
  });

  it.each<[string, Record<string, Weight | null>, string]>([
    [
      'missing tensors',
      { 'last_bn.bias': null, 'block8.conv2d.bias': null },
      '2 tensors are missing: block8.conv2d.bias, last_bn.bias',
    ],
    ['unknown tensors', { 'head.weight': weight(2) }, '1 tensors are unknown: head.weight'],
    [
      'another shape',
      { 'last_linear.weight': weight(128, 1792) },
      "'last_linear.weight': expected shape [512,1792], got [128,1792]",
    ],
    [
      'the classes of another training',
      { 'logits.weight': weight(10575, 512) },
      'expected shape [8631,512], got [10575,512]',
    ],
    [
      'numbers that are none',
      { 'last_bn.bias': { shape: [512], data: new Float32Array(512).fill(Number.NaN) } },
      'expected finite numbers',
    ],
  ])('refuses %s, in words', (_, changes, message) => {
    expect(check(changes)).toThrow(WeightsError);
    expect(check(changes)).toThrow(message);
  });

  it('names the first few of many', () => {
    expect(() => checkInceptionResnetV1(new Map(), 8631)).toThrow(
      'but 602 tensors are missing: conv2d_1a.conv.weight, conv2d_1a.bn.weight, conv2d_1a.bn.bias and others',
    );
  });
});
