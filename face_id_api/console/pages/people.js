// @ts-check
import { fill, h, icon } from '../dom.js';
import { counted, idKey, moment } from '../format.js';
import { announce, showError } from '../notices.js';
import { personAvatar, personName } from '../person-avatar.js';
import { api } from '../service/api.js';
import { searchPeople } from '../service/search-people.js';
import { session } from '../service/session.js';
import { createPersonPanel } from './person-panel.js';

/** @typedef {import('../replies.d.ts').Identity} Identity */
/** @typedef {import('../replies.d.ts').IdentityId} IdentityId */

const pageSize = 50;
const typingMs = 250;

/** The page over who is enrolled. */
export function createPeoplePage() {
  const heading = h('h1', { class: 'page-title', tabindex: '-1' }, 'People');
  const lead = h('p', { class: 'page-lead' });
  const search = h('input', {
    class: 'input',
    type: 'search',
    placeholder: 'Name or id',
    'aria-label': 'Search by name or id',
    dir: 'auto',
    autocomplete: 'off',
  });
  const rows = h('ul', { class: 'people-list' });
  const state = h('div', { class: 'problem' });
  const more = h('button', { class: 'button', type: 'button', hidden: true }, 'Show more');
  const panel = createPersonPanel({
    onClose: () => open(null),
    onChanged: id => refresh(id),
  });
  const browse = h(
    'div',
    { class: 'main-column' },
    h('div', { class: 'search' }, icon('search'), search),
    state,
    rows,
    h('div', { class: 'actions centre' }, more),
  );
  const element = h(
    'section',
    { class: 'page people' },
    h('header', { class: 'page-head' }, heading, lead),
    h('div', { class: 'columns' }, browse, panel.element),
  );
  /** @type {Identity[]} */
  let people = [];
  /** @type {string | null} */
  let next = null;
  /** @type {string | null} */
  let opened = null;
  let turn = 0;
  let timer = 0;
  let isStale = true;

  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(load, typingMs);
  });
  more.addEventListener('click', () => loadMore());
  rows.addEventListener('keydown', onKey);
  session.on('people', () => {
    isStale = true;
    if (!element.hidden) load();
  });
  session.on('gallery', () => {
    isStale = true;
    open(null);
    if (!element.hidden) load();
  });

  async function load() {
    turn += 1;
    const mine = turn;
    const text = search.value.trim();
    rows.setAttribute('aria-busy', 'true');
    try {
      const page =
        text === ''
          ? await api.listPeople({ limit: pageSize })
          : { identities: await searchPeople(text, { limit: pageSize }), next: null };
      if (mine !== turn) return;
      isStale = false;
      [people, next] = [page.identities, page.next];
      draw(text);
      if (text !== '') announce(`${counted(people.length, 'person', 'people')} found`);
    } catch (error) {
      if (mine !== turn) return;
      [people, next] = [[], null];
      fill(rows);
      more.hidden = true;
      showError(state, error, load);
    } finally {
      if (mine === turn) rows.removeAttribute('aria-busy');
    }
  }

  async function loadMore() {
    more.disabled = true;
    try {
      const page = await api.listPeople({ limit: pageSize, ...(next !== null && { after: next }) });
      const first = people.length;
      people = [...people, ...page.identities];
      next = page.next;
      draw('');
      rows.children[first]?.querySelector('button')?.focus();
    } catch (error) {
      showError(state, error, loadMore);
    } finally {
      more.disabled = false;
    }
  }

  /** @param {string} text what was searched for */
  function draw(text) {
    fill(rows, people.map(row));
    more.hidden = next === null;
    fill(state, people.length === 0 && empty(text));
    fill(
      lead,
      'Gallery ',
      h('strong', null, session.gallery),
      people.length === 0
        ? ''
        : ` · ${next === null ? counted(people.length, 'person', 'people') : `the first ${people.length}`}`,
    );
  }

  /** @param {Identity} person */
  function row(person) {
    const isOpen = idKey(person.id) === opened;
    const button = h(
      'button',
      { class: 'person-row', type: 'button', 'aria-current': isOpen ? 'true' : null },
      personAvatar(person),
      personName(person),
      h('span', { class: 'person-count' }, counted(person.templates, 'template')),
      h('span', { class: 'person-when' }, moment(person.updated)),
    );
    button.addEventListener('click', () => open(person.id));
    return h('li', null, button);
  }

  /** @param {IdentityId | null} id */
  function open(id) {
    const before = opened;
    opened = id === null ? null : idKey(id);
    element.classList.toggle('has-panel', id !== null);
    for (const [i, person] of people.entries()) {
      const button = rows.children[i]?.querySelector('button');
      if (idKey(person.id) === opened) button?.setAttribute('aria-current', 'true');
      else button?.removeAttribute('aria-current');
      if (id === null && idKey(person.id) === before && panel.element.contains(document.activeElement)) button?.focus();
    }
    panel.show(id);
  }

  /** @param {IdentityId | null} id who is shown afterwards */
  async function refresh(id) {
    session.peopleChanged();
    open(id);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const buttons = [...rows.querySelectorAll('button')];
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (step === 0 || at < 0) return;
    event.preventDefault();
    buttons[at + step]?.focus();
  }

  return {
    element,
    heading,
    title: 'People',
    shown() {
      if (isStale) load();
    },
  };
}

/** @param {string} text */
function empty(text) {
  if (text !== '') {
    return h(
      'div',
      { class: 'empty' },
      icon('search'),
      h('h2', null, 'Nobody is found'),
      h('p', null, 'Names are searched from their beginning; ids as a whole.'),
    );
  }
  return h(
    'div',
    { class: 'empty' },
    icon('people'),
    h('h2', null, 'Nobody is enrolled here yet'),
    h('p', null, 'Open a photo under Recognise and enrol the faces in it.'),
    h('a', { class: 'button primary', href: '#recognise' }, icon('viewfinder'), 'Recognise a photo'),
  );
}
