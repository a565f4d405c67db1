// @ts-check
import { fill, h, icon } from '../dom.js';
import { notify, showError } from '../notices.js';
import { api } from '../service/api.js';
import { needs } from '../service/session.js';
import { createConsentFields, hasEnded } from './consent-fields.js';

/** @typedef {import('../replies.d.ts').Identity} Identity */
/** @typedef {string | number | boolean} Value */

/**
 * Name, metadata and consent of a person, to be changed.
 * @param {{ person: Identity, onSaved: () => void }} options
 */
export function createDetailsForm({ person, onSaved }) {
  const name = h('input', {
    class: 'input',
    type: 'text',
    maxlength: '256',
    dir: 'auto',
    autocomplete: 'off',
    value: person.name ?? '',
  });
  const entries = h(
    'div',
    { class: 'entries' },
    Object.entries(person.metadata).map(([key, value]) => entry(key, value)),
  );
  const add = h('button', { class: 'button quiet small', type: 'button' }, icon('add'), 'Metadata');
  const save = needs('enrol', h('button', { class: 'button primary small', type: 'submit' }, 'Save'));
  const consent = createConsentFields({ consent: person.consent });
  const withdraw = needs('enrol', h('button', { class: 'button quiet small', type: 'button' }, 'Withdraw the consent'));
  withdraw.hidden = person.consent === null || hasEnded(person.consent);
  const place = h('div', { class: 'problem' });
  const actions = h('div', { class: 'actions' }, save);
  actions.hidden = true;
  const form = h(
    'form',
    { class: 'stack details', 'aria-label': 'Name and metadata' },
    h('label', { class: 'field' }, h('span', null, 'Name'), name),
    entries,
    add,
    consent.element,
    withdraw,
    place,
    actions,
  );
  add.addEventListener('click', () => {
    const row = entry('', '');
    entries.append(row);
    row.querySelector('input')?.focus();
    touched();
  });
  form.addEventListener('input', touched);
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const change = { name: name.value.trim() || null, metadata: metadataChange(), consent: consent.read() };
    await send(save, change, 'Saved');
  });
  withdraw.addEventListener('click', () => {
    if (person.consent === null) return;
    // One that was to begin later ends where it was to begin.
    const expires = new Date(Math.max(Date.now(), Date.parse(person.consent.given))).toISOString();
    const ended = { ...person.consent, expires };
    send(withdraw, { consent: ended }, 'The consent was withdrawn: nobody is recognised as this person any more');
  });
  return { element: form };

  /**
   * @param {HTMLButtonElement} button
   * @param {Parameters<typeof api.patchPerson>[1]} change
   * @param {string} done
   */
  async function send(button, change, done) {
    button.disabled = true;
    try {
      await api.patchPerson(person.id, change);
      notify(done);
      onSaved();
    } catch (error) {
      button.disabled = false;
      showError(place, error);
    }
  }

  function touched() {
    actions.hidden = false;
    fill(place);
  }

  /**
   * @param {string} key
   * @param {Value} value
   */
  function entry(key, value) {
    const remove = h(
      'button',
      { class: 'icon-button', type: 'button', 'aria-label': key === '' ? 'Remove the entry' : `Remove ${key}` },
      icon('close'),
    );
    const row = h(
      'div',
      { class: 'entry', dataset: { type: typeof value } },
      h('input', {
        class: 'input mono',
        'aria-label': 'Key',
        placeholder: 'key',
        maxlength: '64',
        autocomplete: 'off',
        value: key,
      }),
      h('input', {
        class: 'input',
        'aria-label': key === '' ? 'Value' : `Value of ${key}`,
        placeholder: 'value',
        maxlength: '256',
        dir: 'auto',
        autocomplete: 'off',
        value: String(value),
      }),
      remove,
    );
    remove.addEventListener('click', () => {
      row.remove();
      touched();
      add.focus();
    });
    return row;
  }

  /** As JSON Merge Patch has it: what is gone is null. Numbers and switches keep their type while they still read as one. */
  function metadataChange() {
    /** @type {Record<string, Value | null>} */
    const change = Object.fromEntries(Object.keys(person.metadata).map(key => [key, null]));
    for (const row of entries.children) {
      const [key, value] = [...row.querySelectorAll('input')].map(input => input.value.trim());
      if (key) change[key] = typed(value ?? '', /** @type {HTMLElement} */ (row).dataset.type ?? 'string');
    }
    return change;
  }
}

/**
 * @param {string} text
 * @param {string} type
 * @returns {Value}
 */
function typed(text, type) {
  if (type === 'number' && text !== '' && Number.isFinite(Number(text))) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
