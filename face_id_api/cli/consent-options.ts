import { type Command, InvalidArgumentError } from 'commander';
import type { Consent } from '../core/consent.ts';
import { parseDuration } from '../core/duration.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

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

/** @throws InvalidArgumentError */
export function parseTime(text: string): Date {
  const time = /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(text) ? new Date(text) : null;
  if (time !== null && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('expected a day such as 2026-11-30, or a time such as 2026-11-30T09:00:00Z');
}

/** @throws InvalidArgumentError */
export function parseEnd(text: string): ConsentEnd {
  return parseDuration(text) ?? parseTime(text);
}
