import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findStages } from '../../../detector/face-finder.ts';
import { decodeServerTiming, encodeServerTiming } from '../../../detector/http/server-timing.ts';

const microseconds = fc.integer({ min: 0, max: 3_600_000_000 });
const spent = fc.record(Object.fromEntries(findStages.map(stage => [stage, microseconds])), { requiredKeys: [] });

describe('Server-Timing', () => {
  it('gives back the seconds that were written, to the microsecond', () => {
    fc.assert(
      fc.property(spent, whole => {
        const seconds = Object.fromEntries(Object.entries(whole).map(([stage, us = 0]) => [stage, us / 1e6]));
        const read = decodeServerTiming(encodeServerTiming(seconds));
        expect(Object.keys(read).sort()).toEqual(Object.keys(seconds).sort());
        for (const [stage, value] of Object.entries(read)) expect(value).toBeCloseTo(seconds[stage]!, 5);
      }),
    );
  });

  it('passes over what others write', () => {
    expect(decodeServerTiming(null)).toEqual({});
    const header = 'cdn;desc="edge", decode;dur=12.5 ,detect;dur=-1, align;dur=1e9, wait;dur=99999999, other;dur=3';
    expect(decodeServerTiming(header)).toEqual({ decode: 0.0125 });
  });

  it('gives finite seconds of known stages for any header', () => {
    const part = fc.oneof(fc.string(), fc.constantFrom(...findStages, ';dur=', ',', '1.5', '9'.repeat(12), 'NaN'));
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }).map(parts => parts.join('')),
        header => {
          for (const [stage, value] of Object.entries(decodeServerTiming(header))) {
            expect(findStages).toContain(stage);
            expect(Number.isFinite(value) && value >= 0).toBe(true);
          }
        },
      ),
    );
  });
});
