// @ts-check
import { confirmDialog } from '../dialog.js';
import { fill, h, icon } from '../dom.js';
import { showReceipt } from '../erasure-receipt.js';
import { counted, moment } from '../format.js';
import { notify, showError } from '../notices.js';
import { api } from '../service/api.js';
import { needs, session } from '../service/session.js';

/** @typedef {import('../replies.d.ts').Gallery} Gallery */

const namePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/**
 * The page over galleries, and the choice of one.
 * @param {HTMLSelectElement} select in the head of every page
 */
export function createGalleriesPage(select) {
  const heading = h('h1', { class: 'page-title', tabindex: '-1' }, 'Galleries');
  const list = h('ul', { class: 'gallery-list' });
  const place = h('div', { class: 'problem' });
  const form = createForm();
  const element = h(
    'section',
    { class: 'page galleries' },
    h(
      'header',
      { class: 'page-head' },
      heading,
      h('p', { class: 'page-lead' }, 'Sets of people that know nothing of each other.'),
    ),
    place,
    list,
  );
  select.addEventListener('change', () => choose(select.value));
  session.on('people', load);
  session.on('key', load);
  fill(select, h('option', { value: session.gallery, selected: true }, session.gallery));

  /** @param {string} name */
  function choose(name) {
    session.gallery = name;
    notify(`Gallery ${name}`);
    load();
  }

  async function load() {
    try {
      const { galleries } = await api.listGalleries();
      fill(place);
      if (!galleries.some(({ name }) => name === session.gallery)) session.gallery = 'default';
      fill(list, galleries.map(card), h('li', { class: 'panel new-gallery' }, form));
      fill(
        select,
        galleries.map(({ name }) => h('option', { value: name, selected: name === session.gallery }, name)),
      );
    } catch (error) {
      if (!element.hidden) showError(place, error, load);
    }
  }

  /** @param {Gallery} gallery */
  function card({ name, identities, templates, model, created }) {
    const isChosen = name === session.gallery;
    const use = isChosen
      ? h('span', { class: 'chosen' }, icon('check'), 'In use here')
      : h(
          'button',
          { class: 'button small', type: 'button', 'aria-label': `Use ${name}`, on: { click: () => choose(name) } },
          'Use it',
        );
    const erase = needs(
      'erase',
      h('button', { class: 'icon-button', type: 'button', 'aria-label': `Delete ${name}` }, icon('trash')),
    );
    erase.addEventListener('click', () =>
      confirmDialog({
        title: `Delete ${name}?`,
        text: [
          `${counted(identities, 'person', 'people')} and ${counted(templates, 'template')} go with it, from the store and from its files. It cannot be undone.`,
        ],
        action: 'Delete',
        typed: name,
        showError,
        work: async () => {
          const erased = await api.eraseGallery(name);
          if (isChosen) session.gallery = 'default';
          session.peopleChanged();
          setTimeout(() => showReceipt([erased]));
        },
      }),
    );
    return h(
      'li',
      { class: `panel gallery-card${isChosen ? ' is-chosen' : ''}` },
      h('div', { class: 'gallery-head' }, h('h2', { class: 'mono' }, name), erase),
      h('dl', { class: 'gallery-figures' }, [
        h(
          'div',
          null,
          h('dd', { class: 'number' }, identities.toLocaleString('en')),
          h('dt', null, identities === 1 ? 'person' : 'people'),
        ),
        h(
          'div',
          null,
          h('dd', { class: 'number' }, templates.toLocaleString('en')),
          h('dt', null, templates === 1 ? 'template' : 'templates'),
        ),
      ]),
      h('p', { class: 'hint' }, h('code', null, model.name), ` · since ${moment(created)}`),
      h('div', { class: 'actions' }, use),
    );
  }

  function createForm() {
    const input = h('input', {
      class: 'input mono',
      type: 'text',
      maxlength: '64',
      autocomplete: 'off',
      spellcheck: 'false',
      autocapitalize: 'off',
      'aria-describedby': 'gallery-hint',
    });
    const hint = h('p', { class: 'field-hint', id: 'gallery-hint' }, 'Lowercase letters, digits, _ and -.');
    const create = needs('enrol', h('button', { class: 'button primary', type: 'submit' }, icon('add'), 'Create'));
    const problem = h('div', { class: 'problem' });
    const form = h(
      'form',
      { class: 'stack', 'aria-label': 'New gallery' },
      h('label', { class: 'field' }, h('span', null, 'New gallery'), input),
      hint,
      problem,
      h('div', { class: 'actions' }, create),
    );
    form.addEventListener('submit', async event => {
      event.preventDefault();
      const name = input.value.trim();
      input.toggleAttribute('aria-invalid', false);
      fill(problem);
      if (!namePattern.test(name)) {
        input.setAttribute('aria-invalid', 'true');
        return input.focus();
      }
      try {
        await api.createGallery(name);
        input.value = '';
        choose(name);
      } catch (error) {
        showError(problem, error);
      }
    });
    return form;
  }

  return { element, heading, title: 'Galleries', shown: load, load };
}
