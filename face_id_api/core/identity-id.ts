/**
 * What a person is enrolled under: a non-negative safe integer, or 1 to 128 characters of `[A-Za-z0-9._:-]`, not all of them
 * dots: clients take `.` and `..` out of URLs. The type is part of it: 2576 and "2576" are two identities.
 */
export type IdentityId = number | string;

export const identityIdPattern = /^\.*[A-Za-z0-9_:-][A-Za-z0-9._:-]*$/;
export const maxIdLength = 128;
/** The two in words, for messages. */
export const stringIdWords = '1 to 128 characters of [A-Za-z0-9._:-], not all of them dots';

/** What an integer that is written in digits may be at most; beyond it two of them would be one. */
export const largestIntegerId = Number.MAX_SAFE_INTEGER;

export function isIdentityId(value: unknown): value is IdentityId {
  return typeof value === 'number' ? Number.isSafeInteger(value) && value >= 0 : isStringId(value);
}

/** Integers before strings, integers by value, strings by code unit: the order of listings and of equal scores. */
export function compareIds(a: IdentityId, b: IdentityId): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The id that a URL's path segment means. Digits as an integer is written (`2576`, not `007`) are always the integer, so that a
 * repeated DELETE never reaches another identity; `type` says otherwise. Null where the segment is no id of that type, as digits
 * beyond `largestIntegerId` are not unless they are to be a string.
 */
export function parsePathId(segment: string, type?: 'integer' | 'string'): IdentityId | null {
  if (isTooLarge(segment, type)) return null;
  if (type !== 'string' && isDigits(segment)) return Number(segment);
  return type !== 'integer' && isStringId(segment) ? segment : null;
}

/** Whether it would be an integer, were it not beyond `largestIntegerId`. */
export function isTooLarge(segment: string, type?: 'integer' | 'string'): boolean {
  return type !== 'string' && isDigits(segment) && !Number.isSafeInteger(Number(segment));
}

/** A page's cursor: the id of its last entry with its type before it. Every character may stand in a URL as it is. */
export function encodeCursor(id: IdentityId): string {
  return `${typeof id === 'number' ? 'i' : 's'}:${id}`;
}

/** The id in a cursor; null where `encodeCursor` did not make it. */
export function decodeCursor(cursor: string): IdentityId | null {
  if (cursor.startsWith('i:')) return parsePathId(cursor.slice(2), 'integer');
  return cursor.startsWith('s:') ? parsePathId(cursor.slice(2), 'string') : null;
}

function isDigits(text: string): boolean {
  return /^(0|[1-9]\d*)$/.test(text);
}

function isStringId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxIdLength && identityIdPattern.test(value);
}
