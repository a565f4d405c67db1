import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromBfloat16Bits,
  fromFloat16Bits,
  toBfloat16Bits,
  toFloat16Bits,
} from '../../../../triton/core/half-floats.ts';

const patterns = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

describe('FP16', () => {
  it("stands for what the engine's Float16Array says, for every bit pattern", () => {
    expect(Array.from(patterns, fromFloat16Bits)).toEqual([...new Float16Array(patterns.buffer)]);
  });

  it('keeps every value of its own', () => {
    const back = Array.from(patterns, bits => toFloat16Bits(fromFloat16Bits(bits)));
    expect(back).toEqual(Array.from(patterns, bits => (Number.isNaN(fromFloat16Bits(bits)) ? 0x7e00 : bits)));
  });

  it('rounds any number as Float16Array does', () => {
    const halves = fc.integer({ min: 0, max: 0x7bff }).map(bits => {
      // Exactly between two neighbours: a tie.
      return (fromFloat16Bits(bits) + fromFloat16Bits(bits + 1)) / 2;
    });
    const float16 = new Float16Array(1);
    fc.assert(
      fc.property(
        fc.oneof(fc.double(), fc.double({ min: -70_000, max: 70_000 }), halves),
        fc.boolean(),
        (size, sign) => {
          const value = sign ? -size : size;
          float16[0] = value;
          expect(fromFloat16Bits(toFloat16Bits(value))).toBe(float16[0]);
        },
      ),
      { numRuns: 20_000 },
    );
  });
});

describe('BF16', () => {
  it('is the upper half of FP32', () => {
    const values = Array.from(patterns, fromBfloat16Bits);
    expect(values[0x3f80]).toBe(1);
    expect(values[0xc049]).toBe(-3.140625);
    expect(values[0x0001]).toBe(2 ** -133);
    expect(values[0xff80]).toBe(-Infinity);
    expect(values.map(toBfloat16Bits)).toEqual(
      Array.from(patterns, (bits, index) => (Number.isNaN(values[index]) ? 0x7fc0 : bits)),
    );
  });

  it.each([
    ['to the nearer', 1 + 0.75 * 2 ** -7, 0x3f81],
    ['a tie to even, down', 1 + 0.5 * 2 ** -7, 0x3f80],
    ['a tie to even, up', 1 + 1.5 * 2 ** -7, 0x3f82],
    ['up to infinity', 3.4e38, 0x7f80],
    ['and keeps the sign of zero', -0, 0x8000],
  ])('rounds %s', (_, value, bits) => {
    expect(toBfloat16Bits(value)).toBe(bits);
  });
});
