// @ts-check
import { openDialog } from '../dialog.js';
import { fill, h } from '../dom.js';
import { counted, idKey } from '../format.js';
import { announce, showError } from '../notices.js';
import { personAvatar, personName } from '../person-avatar.js';
import { api } from '../service/api.js';
import { searchPeople } from '../service/search-people.js';

/** @typedef {import('../replies.d.ts').IdentityId} IdentityId */
/** @typedef {import('../replies.d.ts').Identity} Identity */

const typingMs = 200;
const shownAtMost = 30;

/**
 * Asks for a person of the chosen gallery.
 * @param {{ title: string, except: IdentityId, onPick: (person: Identity) => void }} options
 */
export function pickPerson({ title, except, onPick }) {
  const dialog = openDialog({ title, class: 'narrow' });
  const input = h('input', {
    class: 'input',
    type: 'search',
    placeholder: 'Name or id',
    'aria-label': 'Name or id',
    dir: 'auto',
    autocomplete: 'off',
  });
  const list = h('ul', { class: 'pick-list' });
  let timer = 0;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(search, typingMs);
  });
  fill(dialog.body, input, list);
  dialog.footer.remove();
  input.focus();
  search();

  async function search() {
    const text = input.value.trim();
    try {
      const found =
        text === ''
          ? (await api.listPeople({ limit: shownAtMost })).identities
          : await searchPeople(text, { limit: shownAtMost });
      if (text !== input.value.trim()) return;
      const others = found.filter(({ id }) => idKey(id) !== idKey(except));
      fill(list, others.length === 0 ? h('li', { class: 'empty-line' }, 'Nobody else is found.') : others.map(row));
      announce(counted(others.length, 'person', 'people'));
    } catch (error) {
      showError(list, error, search);
    }
  }

  /** @param {Identity} person */
  function row(person) {
    const button = h(
      'button',
      { class: 'pick', type: 'button' },
      personAvatar(person),
      personName(person),
      h('small', null, counted(person.templates, 'template')),
    );
    button.addEventListener('click', () => {
      dialog.close();
      onPick(person);
    });
    return h('li', null, button);
  }
}
