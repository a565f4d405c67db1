import { FieldError } from './field-error.ts';

/** What a person has agreed to, as it was written down when it was obtained. */
export type Consent = {
  /** What for, in words. */
  readonly purpose: string;
  /** RFC 3339, UTC, as all times: when it was given. */
  readonly given: string;
  /** From when on it holds no longer; null: until it is withdrawn. */
  readonly expires: string | null;
};

/** Characters are UTF-16 code units. */
export const maxPurposeLength = 256;

/** Whether a consent has ended at `now`, in milliseconds since 1970. Nothing that was never given ends. */
export function isExpired(consent: Consent | null, now: number): boolean {
  const end = consent === null ? null : expiryOf(consent);
  return end !== null && end <= now;
}

/** How far the clock of whoever wrote a consent down may be ahead of ours. */
const clockToleranceMs = 60_000;

/** Whether there is a consent, and it holds at `now`: it was given by then, and has not ended. */
export function holds(consent: Consent | null, now: number): consent is Consent {
  return consent !== null && Date.parse(consent.given) <= now + clockToleranceMs && !isExpired(consent, now);
}

/** When a consent ends, in milliseconds since 1970; null for never. */
export function expiryOf({ expires }: Consent): number | null {
  return expires === null ? null : Date.parse(expires);
}

/** @throws FieldError where a time is none, or the end comes before the beginning */
export function expectConsent({ purpose, given, expires }: Consent): void {
  if (purpose.trim() === '' || purpose.length > maxPurposeLength) {
    throw new FieldError('consent.purpose', `expected 1 to ${maxPurposeLength} characters`);
  }
  if (!purpose.isWellFormed()) throw new FieldError('consent.purpose', 'expected well-formed Unicode');
  const from = Date.parse(given);
  const to = expires === null ? Number.POSITIVE_INFINITY : Date.parse(expires);
  if (Number.isNaN(from) || Number.isNaN(to)) {
    throw new FieldError('consent', 'expected times such as 2026-11-30T09:00:00Z');
  }
  if (to < from) throw new FieldError('consent.expires', 'expected a time that is not before given');
}
