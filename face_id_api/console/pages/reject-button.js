// @ts-check
import { fill, h, icon } from '../dom.js';
import { notify, showError } from '../notices.js';
import { api } from '../service/api.js';
import { lookUp } from '../service/names.js';
import { needs } from '../service/session.js';

/** @typedef {import('../replies.d.ts').IdentityId} IdentityId */

/**
 * “Not Ada”: faces like this one are not taken for them any more.
 * @param {{ id: IdentityId, face: { embeddings: number[][], fingerprint: string, detector: string }, place: Element,
 *   onRejected: () => void }} options
 */
export function rejectButton({ id, face, place, onRejected }) {
  const who = h('bdi', null, String(id));
  const button = needs(
    'enrol',
    h('button', { class: 'button', type: 'button' }, icon('close'), h('span', null, 'Not ', who)),
  );
  lookUp(id).then(person => {
    if (person?.name) fill(who, person.name);
  });
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await api.reject(id, face);
      notify(`Faces like this one are not taken for ${who.textContent} any more`);
      onRejected();
    } catch (error) {
      button.disabled = false;
      showError(place, error);
    }
  });
  return button;
}
