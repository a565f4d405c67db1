// @ts-check
import { idKey, toId } from '../format.js';
import { api } from './api.js';
import { findPerson } from './names.js';

/** @typedef {import('../replies.d.ts').Identity} Identity */

/**
 * People whose name begins with a text, or who have it as their id: that one first. Digits are looked for as a number and as a text.
 * @param {string} text
 * @param {{ limit: number }} options
 * @returns {Promise<Identity[]>}
 */
export async function searchPeople(text, { limit }) {
  const id = toId(text);
  const ids = id === null ? [] : typeof id === 'number' ? [id, text] : [id];
  const [named, ...withId] = await Promise.all([api.listPeople({ limit, name_prefix: text }), ...ids.map(findPerson)]);
  const byId = withId.filter(person => person !== null);
  const keys = new Set(byId.map(person => idKey(person.id)));
  return [...byId, ...named.identities.filter(person => !keys.has(idKey(person.id)))];
}
