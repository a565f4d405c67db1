// @ts-check
import { fill, h, icon, uniqueId } from './dom.js';

/**
 * @typedef {object} Dialog
 * @property {HTMLDialogElement} element
 * @property {HTMLElement} body
 * @property {HTMLElement} footer
 * @property {() => void} close
 */

/**
 * Opens a dialog over the page; the browser keeps the focus in it and gives it back, and Escape closes it.
 * @param {{ title: string, class?: string, onClose?: () => void }} options
 * @returns {Dialog}
 */
export function openDialog({ title, class: className = '', onClose }) {
  const heading = uniqueId();
  const body = h('div', { class: 'dialog-body' });
  const footer = h('div', { class: 'dialog-footer' });
  const close = h('button', { class: 'icon-button', type: 'button', 'aria-label': 'Close' }, icon('close'));
  const element = h(
    'dialog',
    { class: `dialog ${className}`, 'aria-labelledby': heading },
    h('header', { class: 'dialog-head' }, h('h2', { id: heading }, title), close),
    body,
    footer,
  );
  close.addEventListener('click', () => element.close());
  element.addEventListener('close', () => {
    element.remove();
    onClose?.();
  });
  // A press on what is behind it.
  element.addEventListener('pointerdown', event => {
    if (event.target === element) element.close();
  });
  document.body.append(element);
  element.showModal();
  return { element, body, footer, close: () => element.close() };
}

/**
 * Asks before something that cannot be undone. `work` runs while the dialog stays; where it rejects, the dialog says why.
 * @param {{ title: string, text: readonly (string | Node)[], action: string, typed?: string, work: () => Promise<void>,
 *   showError: (place: Element, error: unknown) => void }} options with `typed`, that word has to be typed first
 */
export function confirmDialog({ title, text, action, typed, work, showError }) {
  const dialog = openDialog({ title, class: 'narrow' });
  const place = h('div', { class: 'problem' });
  const go = h('button', { class: 'button danger', type: 'submit', disabled: typed !== undefined }, action);
  const cancel = h('button', { class: 'button', type: 'button', on: { click: dialog.close } }, 'Cancel');
  const input = h('input', { class: 'input mono', type: 'text', autocomplete: 'off', spellcheck: 'false' });
  input.addEventListener('input', () => {
    go.disabled = input.value !== typed;
  });
  const form = h(
    'form',
    { class: 'stack' },
    text.map(part => (typeof part === 'string' ? h('p', null, part) : part)),
    typed !== undefined &&
      h('label', { class: 'field' }, h('span', null, 'Type ', h('code', null, typed), ' to go on'), input),
    place,
    h('div', { class: 'actions end' }, cancel, go),
  );
  form.addEventListener('submit', async event => {
    event.preventDefault();
    go.disabled = true;
    try {
      await work();
      dialog.close();
    } catch (error) {
      go.disabled = false;
      showError(place, error);
    }
  });
  fill(dialog.body, form);
  dialog.footer.remove();
  (typed === undefined ? cancel : input).focus();
}
