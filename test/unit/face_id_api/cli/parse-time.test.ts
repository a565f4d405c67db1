import { describe, expect, it } from 'vitest';
import { parseTime, readTime } from '../../../../face_id_api/cli/parse-time.ts';

describe('a time on the command line', () => {
  it.each([
    ['2026-11-30', '2026-11-30T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2026-11-30T09:00Z', '2026-11-30T09:00:00.000Z'],
    ['2026-11-30T23:59:59.5Z', '2026-11-30T23:59:59.500Z'],
    ['2026-11-30T23:30:00-02:00', '2026-12-01T01:30:00.000Z'],
  ])('%s is one', (text, time) => {
    expect(readTime(text)?.toISOString()).toBe(time);
  });

  it.each([
    '',
    'soon',
    '2027-02-29',
    '2027-02-30',
    '2027-04-31',
    '2027-02-30T09:00:00Z',
    '2027-02-30T23:30:00-02:00',
    '2027-00-01',
    '2027-13-01',
    '2027-01-00',
    '2027-01-32',
    '2027-01-31T24:00:00Z',
    '2027-01-31T09:60:00Z',
    '2027-01-31T09:00:00+24:00',
    '2027-01-31 (Sunday)',
    '1.1.2026',
    '2026',
  ])("'%s' is none", text => {
    expect(readTime(text)).toBeNull();
    expect(() => parseTime(text)).toThrow(/^expected a day that there is, such as 2026-11-30, or a time/);
  });
});
