import { InvalidArgumentError } from 'commander';

/** For messages: what `readTime` takes. */
export const timeExpected = 'a day that there is, such as 2026-11-30, or a time such as 2026-11-30T09:00:00Z';

const form = /^(\d{4}-\d{2}-\d{2})(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?)?$/;

/** A day (its beginning in UTC) or a time as people type it; null for anything else, such as 30 February, which Date would make 2 March. */
export function readTime(text: string): Date | null {
  const [, day] = form.exec(text) ?? [];
  if (day === undefined) return null;
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return null;
  return new Date(text);
}

/** @throws InvalidArgumentError */
export function parseTime(text: string): Date {
  const time = readTime(text);
  if (time !== null) return time;
  throw new InvalidArgumentError(`expected ${timeExpected}`);
}
