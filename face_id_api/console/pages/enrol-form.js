// @ts-check
import { fill, h, icon, uniqueId } from '../dom.js';
import { counted, idForName, toId } from '../format.js';
import { notify, showError } from '../notices.js';
import { personAvatar, personName } from '../person-avatar.js';
import { idFollowsName, idInput, nameInput } from '../person-inputs.js';
import { api } from '../service/api.js';
import { findPerson, lookUp } from '../service/names.js';
import { session } from '../service/session.js';
import { createConsentFields } from './consent-fields.js';

/** @typedef {import('../replies.d.ts').IdentityId} IdentityId */
/** @typedef {import('../replies.d.ts').Identity} Identity */

const typingMs = 200;

/**
 * Asks for a name and an id, and enrols one face under them. Whoever is there already gets the face beside what they have: nothing
 * that is known of anybody is ever replaced from here.
 * @param {{ embedding: number[], fingerprint: string, detector: string, known: { id: IdentityId, name: string | null } | null,
 *   onCancel: () => void, onEnrolled: (id: IdentityId, added: string[]) => void }} options
 */
export function createEnrolForm({ embedding, fingerprint, detector, known, onCancel, onEnrolled }) {
  const hintId = uniqueId();
  const chanceId = idForName('');
  const name = nameInput({ value: known?.name ?? '' });
  const id = idInput({ 'aria-describedby': hintId, value: known ? String(known.id) : chanceId });
  const hint = h('p', { class: 'field-hint', id: hintId });
  const similar = h('div', { class: 'similar' });
  const consent = createConsentFields({ consent: null });
  const place = h('div', { class: 'problem' });
  const save = h('button', { class: 'button primary', type: 'submit' }, icon('add'), 'Enrol');
  const cancel = h('button', { class: 'button quiet', type: 'button', on: { click: onCancel } }, 'Cancel');
  const form = h(
    'form',
    { class: 'enrol-form', 'aria-label': 'Enrol this face', novalidate: true },
    h('label', { class: 'field' }, h('span', null, 'Name ', h('small', null, 'if you like')), name),
    similar,
    h('label', { class: 'field' }, h('span', null, 'Id'), id),
    hint,
    consent.element,
    place,
    h('div', { class: 'actions' }, save, cancel),
  );
  // A form of our own words: the number's type has to survive.
  const keepId = idFollowsName({ name, id, chanceId, isIdTyped: known !== null });
  /** @type {Identity | null} */
  let existing = null;
  let timer = 0;

  for (const field of [name, id]) field.addEventListener('input', later);
  form.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onCancel();
  });
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const wanted = toId(id.value.trim());
    if (wanted === null) return complain();
    save.disabled = true;
    fill(place);
    try {
      const before = await findPerson(wanted);
      const given = name.value.trim();
      const renames = given !== '' && before === null;
      const { identity, added } = await api.addTemplates(wanted, {
        embeddings: [embedding],
        fingerprint,
        detector,
        ...(renames && { name: given }),
        consent: consent.read() ?? undefined,
      });
      notify(
        before === null
          ? `Enrolled ${identity.name ?? identity.id}`
          : `Added to ${identity.name ?? identity.id}, who now has ${counted(identity.templates, 'template')}`,
      );
      session.peopleChanged();
      onEnrolled(wanted, added);
    } catch (error) {
      save.disabled = false;
      showError(place, error);
    }
  });
  check();
  return { element: form };

  function later() {
    clearTimeout(timer);
    timer = window.setTimeout(check, typingMs);
  }

  async function check() {
    const [typedName, typedId] = [name.value.trim(), id.value.trim()];
    const wanted = toId(typedId);
    const [there, alike] = await Promise.all([
      wanted === null ? null : lookUp(wanted),
      typedName.length < 2
        ? []
        : api.listPeople({ limit: 4, name_prefix: typedName }).then(
            page => page.identities,
            () => [],
          ),
    ]);
    if (typedName !== name.value.trim() || typedId !== id.value.trim()) return;
    existing = there;
    id.removeAttribute('aria-invalid');
    fill(save, icon('add'), existing === null ? 'Enrol' : 'Add to them');
    fill(hint, hintFor(typedId, wanted));
    fill(similar, alike.filter(person => person.id !== existing?.id).map(suggestion));
  }

  /**
   * @param {string} typed
   * @param {IdentityId | null} wanted
   */
  function hintFor(typed, wanted) {
    if (existing !== null)
      return [
        'Enrolled already: this face is added to ',
        personName(existing),
        ` (${counted(existing.templates, 'template')}).`,
      ];
    if (typed !== '' && wanted === null) return ['Letters, digits and . _ : - only, at most 128.'];
    return typeof wanted === 'number'
      ? ['A new person, under a number.']
      : [typed === '' ? 'A short text or a number, yours to choose.' : 'A new person.'];
  }

  /** @param {Identity} person */
  function suggestion(person) {
    const button = h(
      'button',
      { class: 'suggestion', type: 'button' },
      personAvatar(person),
      h('span', null, 'Add to ', personName(person)),
    );
    button.addEventListener('click', () => {
      name.value = person.name ?? '';
      id.value = String(person.id);
      keepId();
      check();
      save.focus();
    });
    return button;
  }

  function complain() {
    id.setAttribute('aria-invalid', 'true');
    fill(
      hint,
      id.value.trim() === ''
        ? 'An id is needed: a short text or a number.'
        : 'Letters, digits and . _ : - only, at most 128.',
    );
    id.focus();
  }
}
