import { type Consent, isExpired } from './consent.ts';

/** Why somebody is not to be kept any longer. */
export const dueReasons = ['consent_expired', 'unseen'] as const;

export type DueReason = (typeof dueReasons)[number];

export type RetentionRule = {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** ISO 8601 day: who was not seen on it or later is due. Null: nobody is for that. */
  readonly seenSince: string | null;
};

/** What is known of somebody that decides about keeping them. */
export type Kept = {
  readonly consent: Consent | null;
  /** ISO 8601 day of the last recognition; null for none. */
  readonly seen: string | null;
  /** Time of the enrolment, or of the last change after it. */
  readonly updated: string;
};

/** Why somebody is due, null where they are not. Who was never seen counts from the last change. */
export function dueFor({ consent, seen, updated }: Kept, { now, seenSince }: RetentionRule): DueReason | null {
  if (isExpired(consent, now)) return 'consent_expired';
  if (seenSince === null) return null;
  const changed = updated.slice(0, 10);
  const last = seen !== null && seen > changed ? seen : changed;
  return last < seenSince ? 'unseen' : null;
}
