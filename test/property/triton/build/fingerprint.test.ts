import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, fingerprintOf } from '../../../../triton/build/fingerprint.ts';
import { cropSpecs } from '../../../../triton/core/crop-spec.ts';

const identity = fc.record({
  name: fc.string(),
  weightSums: fc.array(fc.string(), { minLength: 1 }),
  pixels: fc.string(),
  crop: fc.constantFrom(null, ...Object.values(cropSpecs)),
  mirrorCrop: fc.boolean(),
});

describe('canonical JSON', () => {
  it('means what JSON means, whatever the order of the keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())), members => {
        const reversed = Object.fromEntries(Object.entries(members).reverse());
        expect(JSON.parse(canonicalJson(members))).toEqual(JSON.parse(JSON.stringify(members)));
        expect(canonicalJson(reversed)).toBe(canonicalJson(members));
      }),
    );
  });
});

describe('a fingerprint', () => {
  it('does not depend on the order of the weights', () => {
    fc.assert(
      fc.property(identity, model => {
        const reversed = { ...model, weightSums: [...model.weightSums].reverse() };
        expect(fingerprintOf(reversed)).toBe(fingerprintOf(model));
      }),
    );
  });

  it('differs as soon as anything differs', () => {
    fc.assert(
      fc.property(identity, model => {
        const others = [
          { ...model, name: `${model.name}x` },
          { ...model, weightSums: [...model.weightSums, 'x'] },
          { ...model, pixels: `${model.pixels}x` },
          { ...model, crop: model.crop === cropSpecs.box_160 ? null : cropSpecs.box_160 },
          { ...model, mirrorCrop: !model.mirrorCrop },
        ];
        const prints = [model, ...others].map(fingerprintOf);
        expect(new Set(prints).size).toBe(prints.length);
      }),
    );
  });
});
