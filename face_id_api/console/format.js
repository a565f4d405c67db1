// @ts-check

/** @typedef {import('./replies.d.ts').IdentityId} IdentityId */

/**
 * A share as people read it, two digits that count: 5.6 %, 0.1 %, < 0.001 %.
 * @param {number} share
 */
export function percent(share) {
  const value = share * 100;
  if (value > 0 && value < 0.001) return '< 0.001 %';
  if (value < 100 && value >= 99.95) return '> 99.9 %';
  const text = value >= 10 ? value.toFixed(value >= 99 ? 1 : 0) : String(Number(value.toPrecision(2)));
  return `${text} %`;
}

/**
 * A confidence, which is never certain.
 * @param {number | null} confidence
 */
export function confidenceText(confidence) {
  if (confidence === null) return 'not measured';
  if (confidence > 0.999) return '> 99.9 %';
  return confidence < 0.001 ? '< 0.1 %' : percent(confidence);
}

/**
 * A cosine, with the digits that decisions turn on.
 * @param {number | null} value
 */
export function scoreText(value) {
  return value === null ? '–' : value.toFixed(3).replace('-', '−');
}

/**
 * One in how many, where a rate says little: 0.001 is 1 in 1,000.
 * @param {number} rate
 */
export function oneIn(rate) {
  return `1 in ${Math.round(1 / rate).toLocaleString('en')}`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [several]
 */
export function counted(count, one, several = `${one}s`) {
  return `${count.toLocaleString('en')} ${count === 1 ? one : several}`;
}

/**
 * The first letters of the first and the last word of a name; of an id its first two characters.
 * @param {string | null} name
 * @param {IdentityId} id
 */
export function initials(name, id) {
  const words = (name ?? '').match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return String(id).slice(0, 2).toUpperCase();
  const letters = words.length === 1 ? [words[0]] : [words[0], words.at(-1)];
  return letters
    .map(word => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

const dates = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/**
 * A moment of the API's, in the reader's own time zone.
 * @param {string} iso
 */
export function moment(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : dates.format(date);
}

const days = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });

/**
 * The day of a moment, or a day, of the API's.
 * @param {string} iso
 */
export function day(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : days.format(date);
}

/** What an id may be; as the API has it. */
export const idPattern = /^\.*[A-Za-z0-9_:-][A-Za-z0-9._:-]*$/;
const maxIdLength = 128;

/**
 * The id that somebody typed: digits mean the integer, as in the API's paths. Null where it is none.
 * @param {string} text
 * @returns {IdentityId | null}
 */
export function toId(text) {
  if (/^(0|[1-9]\d*)$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : null;
  return text.length <= maxIdLength && idPattern.test(text) ? text : null;
}

/**
 * An id for a name: ada-lovelace. Where the name has no letters that an id may have, one by chance.
 * @param {string} name
 * @param {string} [chanceId]
 */
export function idForName(name, chanceId = idByChance()) {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const id = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  return id === '' ? chanceId : id.slice(0, 64);
}

/** For whoever has no better one. */
function idByChance() {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `person-${Array.from(bytes, byte => 'abcdefghjkmnpqrstuvwxyz23456789'[byte % 31]).join('')}`;
}

/**
 * Whose two ids are the same: 2576 and "2576" are not.
 * @param {IdentityId} id
 */
export function idKey(id) {
  return `${typeof id === 'number' ? 'i' : 's'}:${id}`;
}
