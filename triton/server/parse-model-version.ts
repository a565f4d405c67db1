import { StatusError } from './status-error.ts';

/**
 * A request's model version; null for an empty one, which means the server's choice. Read as Triton reads it, by C++'s `stol`:
 * blanks and a sign may come first, and what follows the digits is ignored.
 * @throws StatusError `INVALID_ARGUMENT` for what is no number, does not fit 64 bits, or is negative
 */
export function parseModelVersion(text: string): string | null {
  if (text === '') return null;
  const digits = /^\s*([+-]?\d+)/.exec(text)?.[1];
  const value = digits === undefined ? undefined : BigInt(digits.replace('+', ''));
  if (value === undefined || value >= 2n ** 63n || value < -(2n ** 63n)) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `failed to get model version from specified version string '${text}' (details: stol), version should be an integral value > 0`,
    );
  }
  if (value < 0n) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `invalid model version specified '${text}' , version should be an integral value > 0`,
    );
  }
  return value.toString();
}
