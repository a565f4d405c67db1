// @ts-check
import { openDialog } from '../dialog.js';
import { fill, h, icon } from '../dom.js';
import { counted } from '../format.js';
import { notify, showError } from '../notices.js';
import { personAvatar, personName } from '../person-avatar.js';
import { api } from '../service/api.js';
import { session } from '../service/session.js';

/** @typedef {import('../replies.d.ts').IdentityId} IdentityId */
/** @typedef {import('../replies.d.ts').Identity} Identity */

/**
 * Asks which of two people stays, and makes the other a part of them.
 * @param {{ into: IdentityId, from: IdentityId, onMerged: (into: IdentityId) => void }} options
 */
export async function mergeDialog({ into, from, onMerged }) {
  const dialog = openDialog({ title: 'Merge two people', class: 'narrow' });
  fill(dialog.body, h('p', { class: 'hint' }, 'One moment…'));
  /** @type {[Identity, Identity]} */
  let [stays, goes] = /** @type {any} */ ([null, null]);
  try {
    [stays, goes] = await Promise.all([api.getPerson(into), api.getPerson(from)]);
  } catch (error) {
    showError(dialog.body, error);
    return;
  }
  const place = h('div', { class: 'problem' });
  const swap = h('button', { class: 'button', type: 'button' }, icon('swap'), 'The other way round');
  const merge = h('button', { class: 'button primary', type: 'button' }, icon('merge'), 'Merge');
  swap.addEventListener('click', () => {
    [stays, goes] = [goes, stays];
    draw();
    swap.focus();
  });
  merge.addEventListener('click', async () => {
    merge.disabled = true;
    try {
      const merged = await api.mergePeople(stays.id, goes.id);
      notify(`Merged: ${merged.name ?? merged.id} now has ${counted(merged.templates, 'template')}`);
      dialog.close();
      session.peopleChanged();
      onMerged(stays.id);
    } catch (error) {
      merge.disabled = false;
      showError(place, error);
    }
  });
  const pair = h('div', { class: 'merge-pair' });
  fill(
    dialog.body,
    pair,
    h(
      'p',
      null,
      'All templates of the second become the first’s. The second’s id, name and metadata go. It cannot be undone as a whole, though templates can be split off again.',
    ),
    place,
  );
  fill(dialog.footer, swap, merge);
  draw();
  merge.focus();

  function draw() {
    fill(pair, side('Stays', stays), icon('merge'), side('Goes', goes));
  }
}

/**
 * @param {string} what
 * @param {Identity} person
 */
function side(what, person) {
  return h(
    'div',
    { class: 'merge-side' },
    h('small', null, what),
    personAvatar(person),
    personName(person),
    h('small', null, counted(person.templates, 'template')),
  );
}
