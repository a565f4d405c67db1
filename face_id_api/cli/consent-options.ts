import type { Command } from 'commander';
import { type Consent, expiryOf } from '../core/consent.ts';
import { parseDuration } from '../core/duration.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { parseTime } from './parse-time.ts';

export type ConsentOptions = {
  /** Its purpose. */
  readonly consent?: string;
  readonly consentGiven?: Date;
  readonly consentExpires?: ConsentEnd;
};

/** A moment, or milliseconds after the consent was given. */
export type ConsentEnd = Date | number;

/** Options for the consent of whoever is enrolled. */
export function withConsentOptions(command: Command): Command {
  return command
    .option('--consent <purpose>', 'what the person has agreed to, in words')
    .option('--consent-given <time>', 'when, 2026-11-30 or with a time (default: now)', parseTime)
    .option(
      '--consent-expires <time>',
      'when it ends, or after how long (365d); default: when it is withdrawn',
      parseEnd,
    );
}

/**
 * Undefined where none was asked for.
 * @throws CliError USAGE for times without a purpose
 */
export function consentOf({ consent, consentGiven, consentExpires }: ConsentOptions, now: Date): Consent | undefined {
  if (consent !== undefined) return toConsent(consent, consentGiven ?? now, consentExpires ?? null);
  if (consentGiven === undefined && consentExpires === undefined) return undefined;
  throw new CliError('USAGE', '--consent-given and --consent-expires want --consent with a purpose', exitCodes.usage);
}

export function toConsent(purpose: string, given: Date, end: ConsentEnd | null): Consent {
  const expires = typeof end === 'number' ? new Date(given.getTime() + end) : end;
  return { purpose, given: given.toISOString(), expires: expires?.toISOString() ?? null };
}

/**
 * The consent as it is once it was withdrawn at `now`. One that was to begin later ends where it was to begin, and never holds: what was
 * written down of it stays. Null where it has ended already.
 */
export function toWithdrawn(consent: Consent, now: Date): Consent | null {
  const isAhead = Date.parse(consent.given) > now.getTime();
  const expires = isAhead ? consent.given : now.toISOString();
  const before = expiryOf(consent);
  return before !== null && before <= Date.parse(expires) ? null : { ...consent, expires };
}

/** @throws InvalidArgumentError */
export function parseEnd(text: string): ConsentEnd {
  return parseDuration(text) ?? parseTime(text);
}
