// @ts-check
import { confirmDialog } from '../dialog.js';
import { fill, h, icon } from '../dom.js';
import { fact, showReceipt } from '../erasure-receipt.js';
import { counted, day, moment } from '../format.js';
import { showError } from '../notices.js';
import { personAvatar } from '../person-avatar.js';
import { api } from '../service/api.js';
import { needs } from '../service/session.js';
import { thumbnails } from '../thumbnails.js';
import { createDetailsForm } from './details-form.js';
import { mergeDialog } from './merge-dialog.js';
import { pickPerson } from './person-picker.js';
import { createTemplateList } from './template-list.js';

/** @typedef {import('../replies.d.ts').IdentityId} IdentityId */
/** @typedef {import('../replies.d.ts').IdentityReply} IdentityReply */

/**
 * One person: what is known of them, what they are known by, and what can be done about either.
 * @param {{ onClose: () => void, onChanged: (id: IdentityId | null) => void }} options
 */
export function createPersonPanel({ onClose, onChanged }) {
  const element = h('aside', { class: 'side-column person-panel', 'aria-label': 'The chosen person', hidden: true });
  let turn = 0;
  element.addEventListener('keydown', event => {
    if (event.key === 'Escape' && !(event.target instanceof HTMLInputElement)) onClose();
  });

  /** @param {IdentityId | null} id */
  async function show(id) {
    turn += 1;
    const mine = turn;
    element.hidden = id === null;
    if (id === null) return;
    element.setAttribute('aria-busy', 'true');
    try {
      const person = await api.getPerson(id);
      if (mine === turn) draw(person);
    } catch (error) {
      if (mine === turn) fill(element, h('div', { class: 'panel' }, closeButton()), h('div', null));
      if (mine === turn) showError(/** @type {Element} */ (element.lastElementChild), error, () => show(id));
    } finally {
      if (mine === turn) element.removeAttribute('aria-busy');
    }
  }

  /** @param {IdentityReply} person */
  function draw(person) {
    const changed = () => onChanged(person.id);
    const isNew = element.dataset.id !== String(person.id);
    element.dataset.id = String(person.id);
    const title = h(
      'h2',
      { class: 'person-title', tabindex: '-1' },
      person.name === null ? h('bdi', { class: 'mono' }, String(person.id)) : h('bdi', null, person.name),
    );
    fill(
      element,
      h(
        'div',
        { class: 'panel' },
        h(
          'div',
          { class: 'person-head' },
          personAvatar(person),
          h('div', { class: 'person-headline' }, title, h('bdi', { class: 'person-id' }, String(person.id))),
          closeButton(),
        ),
        h(
          'dl',
          { class: 'facts two' },
          fact('Enrolled', moment(person.created)),
          fact('Changed', moment(person.updated)),
          person.seen !== null && fact('Seen last', day(person.seen)),
        ),
        createDetailsForm({ person, onSaved: changed }).element,
      ),
      createTemplateList({ person, onChanged: changed }).element,
      h(
        'div',
        { class: 'panel danger-zone' },
        h('h3', null, 'This person'),
        h('div', { class: 'actions' }, mergeButton(person), eraseButton(person)),
      ),
    );
    if (isNew) title.focus({ preventScroll: true });
    element.scrollTop = 0;
  }

  function closeButton() {
    return h(
      'button',
      { class: 'icon-button', type: 'button', 'aria-label': 'Close the person', on: { click: onClose } },
      icon('close'),
    );
  }

  /** @param {IdentityReply} person */
  function mergeButton(person) {
    const button = needs('enrol', h('button', { class: 'button', type: 'button' }, icon('merge'), 'Merge with…'));
    button.addEventListener('click', () =>
      pickPerson({
        title: 'Merge with whom?',
        except: person.id,
        onPick: other => mergeDialog({ into: person.id, from: other.id, onMerged: onChanged }),
      }),
    );
    return button;
  }

  /** @param {IdentityReply} person */
  function eraseButton(person) {
    const button = needs(
      'erase',
      h('button', { class: 'button danger-quiet', type: 'button' }, icon('trash'), 'Erase'),
    );
    button.addEventListener('click', () =>
      confirmDialog({
        title: 'Erase this person?',
        text: [
          h('p', { class: 'confirm-who' }, personAvatar(person), h('bdi', null, person.name ?? String(person.id))),
          `${counted(person.templates, 'template')}, name, metadata and consent go from the store and from its files. It cannot be undone.`,
        ],
        action: 'Erase',
        showError,
        work: async () => {
          const erased = await api.erasePerson(person.id);
          thumbnails.forget(
            person.id,
            person.template_list.map(({ id }) => id),
          );
          onChanged(null);
          // After the question, which is still open, has gone.
          setTimeout(() => showReceipt([erased]));
        },
      }),
    );
    return button;
  }

  return { element, show };
}
