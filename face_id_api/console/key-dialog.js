// @ts-check
import { openDialog } from './dialog.js';
import { fill, h, icon } from './dom.js';
import { notify } from './notices.js';
import { session } from './service/session.js';

/** @type {Promise<boolean> | null} */
let asking = null;

/**
 * Asks for the key, once for all that wait for it. Resolves to whether there is a new one.
 * @param {{ isWanted: boolean }} options `isWanted`: the service has asked for it
 * @returns {Promise<boolean>}
 */
export function askForKey({ isWanted }) {
  asking ??= ask(isWanted).finally(() => {
    asking = null;
  });
  return asking;
}

/**
 * @param {boolean} isWanted
 * @returns {Promise<boolean>}
 */
function ask(isWanted) {
  const had = session.key;
  return new Promise(resolve => {
    let isNew = false;
    const dialog = openDialog({ title: 'API key', class: 'narrow', onClose: () => resolve(isNew) });
    const input = h('input', {
      class: 'input mono',
      type: 'password',
      autocomplete: 'off',
      spellcheck: 'false',
      name: 'key',
    });
    const use = h('button', { class: 'button primary', type: 'submit' }, icon('key'), 'Use it');
    const remove = h('button', { class: 'button quiet', type: 'button', hidden: had === null }, 'Forget the key');
    const form = h(
      'form',
      { class: 'stack' },
      h(
        'p',
        null,
        isWanted
          ? had === null
            ? 'The service asks for a key.'
            : 'The service does not take the key that was given.'
          : 'The key that the console asks the service with.',
      ),
      h('label', { class: 'field' }, h('span', null, 'Key'), input),
      h('p', { class: 'hint' }, 'It is kept in this tab until the tab is closed, and is sent to this service only.'),
      session.lacking.size > 0 && h('p', { class: 'hint' }, `Found to lack: ${[...session.lacking].join(', ')}.`),
      h('div', { class: 'actions end' }, remove, use),
    );
    form.addEventListener('submit', event => {
      event.preventDefault();
      const key = input.value.trim();
      if (key === '') return input.focus();
      isNew = true;
      session.key = key;
      dialog.close();
    });
    remove.addEventListener('click', () => {
      session.key = null;
      notify('The key is forgotten');
      dialog.close();
    });
    fill(dialog.body, form);
    dialog.footer.remove();
    input.focus();
  });
}
