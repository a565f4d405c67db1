// @ts-check
import { byId, fill, h, icon } from './dom.js';
import { ApiError } from './service/api-error.js';
import { wordsFor } from './service/problem-words.js';

const shownMs = 6000;

/**
 * Says something to those who listen to the page; nothing is seen.
 * @param {string} text
 */
export function announce(text) {
  const live = byId('live');
  // The same text twice would be said once.
  live.textContent = '';
  requestAnimationFrame(() => {
    live.textContent = text;
  });
}

/**
 * A short notice that goes by itself, or when the next one comes: something was done.
 * @param {string} text
 */
export function notify(text) {
  const notice = h('p', { class: 'toast' }, icon('check'), h('span', null, text));
  fill(byId('toasts'), notice);
  announce(text);
  setTimeout(() => notice.remove(), shownMs);
}

/**
 * What went wrong, in words, and what to do; with a way to try again where there is one. A refusal for a while counts it down.
 * @param {unknown} error
 * @param {(() => void) | null} [retry]
 */
export function errorPanel(error, retry = null) {
  const { title, advice, detail, requestId, retryAfter } = wordsFor(error);
  const again =
    retry &&
    mayPass(error) &&
    h('button', { class: 'button small', type: 'button', on: { click: retry } }, 'Try again');
  const panel = h(
    'div',
    { class: 'error-panel', role: 'alert' },
    icon('warning'),
    h(
      'div',
      { class: 'error-words' },
      h('strong', null, title),
      h('p', null, advice),
      detail && h('p', { class: 'error-detail' }, detail),
      requestId && h('p', { class: 'error-detail' }, 'Request id ', h('code', null, requestId)),
    ),
    again,
  );
  if (again && retryAfter !== null) countDown(again, Math.ceil(retryAfter));
  return panel;
}

/**
 * @param {Element} place
 * @param {unknown} error
 * @param {(() => void) | null} [retry]
 */
export function showError(place, error, retry = null) {
  fill(place, errorPanel(error, retry));
}

/**
 * @param {HTMLButtonElement} button
 * @param {number} seconds
 */
function countDown(button, seconds) {
  button.disabled = seconds > 0;
  button.textContent = seconds > 0 ? `Try again in ${seconds} s` : 'Try again';
  if (seconds > 0) setTimeout(() => countDown(button, seconds - 1), 1000);
}

/**
 * Whether the same again may go better: not where the request itself is at fault.
 * @param {unknown} error
 */
function mayPass(error) {
  return (
    !(error instanceof ApiError) || error.status === 0 || error.status >= 500 || [401, 403, 429].includes(error.status)
  );
}
