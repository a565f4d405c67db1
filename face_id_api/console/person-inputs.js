// @ts-check
import { h } from './dom.js';
import { idForName } from './format.js';

/** The field for the id of a person. @param {Record<string, string>} [more] further attributes */
export function idInput(more = {}) {
  return h('input', {
    class: 'input mono',
    type: 'text',
    maxlength: '128',
    autocomplete: 'off',
    spellcheck: 'false',
    autocapitalize: 'off',
    ...more,
  });
}

/** The field for the name of a person. @param {Record<string, string>} [more] further attributes */
export function nameInput(more = {}) {
  return h('input', { class: 'input', type: 'text', maxlength: '256', autocomplete: 'off', dir: 'auto', ...more });
}

/**
 * Lets the id follow the name until somebody types one, or what it returns is called.
 * @param {{ name: HTMLInputElement, id: HTMLInputElement, chanceId: string, isIdTyped?: boolean }} options
 */
export function idFollowsName({ name, id, chanceId, isIdTyped = false }) {
  let isTyped = isIdTyped;
  name.addEventListener('input', () => {
    if (!isTyped) id.value = idForName(name.value, chanceId);
  });
  id.addEventListener('input', () => {
    isTyped = id.value !== '';
  });
  return () => {
    isTyped = true;
  };
}
