import { describe, expect, it } from 'vitest';
import { holds, isExpired } from '../../../../face_id_api/core/consent.ts';
import { dueFor } from '../../../../face_id_api/core/retention.ts';

const now = Date.parse('2026-11-30T12:00:00Z');
const consent = (expires: string | null) => ({ purpose: 'door', given: '2026-01-01T00:00:00Z', expires });

describe('a consent', () => {
  it.each([
    [null, false],
    ['2026-11-30T12:00:00.001Z', false],
    ['2026-11-30T12:00:00Z', true],
    ['2026-11-30T11:59:59.999Z', true],
  ])('that expires at %s is over at noon: %s', (expires, isOver) => {
    expect(isExpired(consent(expires), now)).toBe(isOver);
    expect(holds(consent(expires), now)).toBe(!isOver);
  });

  it('that was never given neither ends nor holds', () => {
    expect(isExpired(null, now)).toBe(false);
    expect(holds(null, now)).toBe(false);
  });
});

describe('who is due', () => {
  const rule = { now, seenSince: '2026-11-01' };
  const kept = { consent: null, seen: null, updated: '2026-10-31T23:59:59.999Z' };

  it.each([
    [
      'whose consent has expired',
      { ...kept, consent: consent('2026-11-29T00:00:00Z'), seen: '2026-11-30' },
      'consent_expired',
    ],
    ['who was not seen for long', { ...kept, seen: '2026-10-31' }, 'unseen'],
    ['who was never seen, and enrolled long ago', kept, 'unseen'],
  ] as const)('is somebody %s', (_, one, reason) => {
    expect(dueFor(one, rule)).toBe(reason);
  });

  it.each([
    ['seen on the first day that counts', { ...kept, seen: '2026-11-01' }],
    ['changed since', { ...kept, seen: '2026-10-01', updated: '2026-11-01T00:00:00.000Z' }],
    ['with a consent that holds, and seen', { ...kept, consent: consent('2026-12-01T00:00:00Z'), seen: '2026-11-30' }],
  ])('is nobody %s', (_, one) => {
    expect(dueFor(one, rule)).toBeNull();
  });

  it('is nobody for not being seen where that does not count', () => {
    expect(dueFor(kept, { now, seenSince: null })).toBeNull();
  });
});
