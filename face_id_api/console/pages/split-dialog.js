// @ts-check
import { openDialog } from '../dialog.js';
import { fill, h, icon } from '../dom.js';
import { counted, toId } from '../format.js';
import { notify, showError } from '../notices.js';
import { idInput } from '../person-inputs.js';
import { api } from '../service/api.js';

/** @typedef {import('../replies.d.ts').IdentityId} IdentityId */

/**
 * Makes a new person of some of a person's templates.
 * @param {{ from: IdentityId, templates: string[], onSplit: () => void }} options
 */
export function splitDialog({ from, templates, onSplit }) {
  const dialog = openDialog({ title: 'Split off', class: 'narrow' });
  const place = h('div', { class: 'problem' });
  const id = idInput();
  const split = h('button', { class: 'button primary', type: 'submit' }, icon('split'), 'Split off');
  const form = h(
    'form',
    { class: 'stack' },
    h('p', null, `${counted(templates.length, 'template')} become a new person.`),
    h('label', { class: 'field' }, h('span', null, 'Id of the new person'), id),
    place,
    h(
      'div',
      { class: 'actions end' },
      h('button', { class: 'button', type: 'button', on: { click: dialog.close } }, 'Cancel'),
      split,
    ),
  );
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const wanted = toId(id.value.trim());
    if (wanted === null) {
      id.setAttribute('aria-invalid', 'true');
      fill(place, h('p', { class: 'field-hint' }, 'Letters, digits and . _ : - only, at most 128; not empty.'));
      return id.focus();
    }
    split.disabled = true;
    try {
      await api.splitPerson(from, { templates, id: wanted });
      notify('Split off');
      dialog.close();
      onSplit();
    } catch (error) {
      split.disabled = false;
      showError(place, error);
    }
  });
  fill(dialog.body, form);
  dialog.footer.remove();
  id.focus();
}
