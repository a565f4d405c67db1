// @ts-check
import { h } from './dom.js';
import { initials } from './format.js';
import { thumbnails } from './thumbnails.js';

/** @typedef {import('./replies.d.ts').Identity} Identity */

/**
 * A person as a round picture: their face where this session has seen it, otherwise initials.
 * @param {Pick<Identity, 'id' | 'name'>} person
 */
export function personAvatar({ id, name }) {
  const picture = thumbnails.ofPerson(id);
  if (picture !== null) return h('img', { class: 'avatar', src: picture, alt: '' });
  return h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(name, id));
}

/**
 * A name and its id, each in its own direction of writing; without a name the id alone.
 * @param {Pick<Identity, 'id' | 'name'>} person
 */
export function personName({ id, name }) {
  const idText = h('bdi', { class: 'person-id' }, String(id));
  if (name === null) return h('span', { class: 'person-name is-id' }, idText);
  return h('span', { class: 'person-name' }, h('bdi', null, name), idText);
}
