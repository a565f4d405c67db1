// @ts-check
import { idKey } from '../format.js';
import { api } from './api.js';
import { ApiError } from './api-error.js';
import { session } from './session.js';

/** @typedef {import('../replies.d.ts').Identity} Identity */
/** @typedef {import('../replies.d.ts').IdentityId} IdentityId */

/** @type {Map<string, Promise<Identity | null>>} */
let known = new Map();

const forget = () => {
  known = new Map();
};
session.on('gallery', forget);
session.on('people', forget);
session.on('key', forget);

/**
 * Who has an id in the chosen gallery; null where nobody has.
 * @param {IdentityId} id
 * @returns {Promise<Identity | null>}
 */
export async function findPerson(id) {
  try {
    return await api.getPerson(id);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'UNKNOWN_ID') return null;
    throw error;
  }
}

/**
 * The same for a label, asked once: answers hold ids only. Null too where it cannot be asked.
 * @param {IdentityId} id
 * @returns {Promise<Identity | null>}
 */
export function lookUp(id) {
  const key = idKey(id);
  const asked =
    known.get(key) ??
    findPerson(id).catch(() => {
      known.delete(key);
      return null;
    });
  known.set(key, asked);
  return asked;
}
