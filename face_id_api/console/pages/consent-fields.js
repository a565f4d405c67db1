// @ts-check
import { h } from '../dom.js';
import { day } from '../format.js';

/** @typedef {NonNullable<import('../replies.d.ts').Identity['consent']>} Consent */

/**
 * What somebody has agreed to, folded away behind a line that says it in short.
 * @param {{ consent: Consent | null }} options
 */
export function createConsentFields({ consent }) {
  const purpose = h('input', {
    class: 'input',
    type: 'text',
    maxlength: '256',
    dir: 'auto',
    autocomplete: 'off',
    value: consent?.purpose ?? '',
  });
  const given = h('input', { class: 'input', type: 'date', value: dayOf(consent?.given ?? new Date().toISOString()) });
  const expires = h('input', { class: 'input', type: 'date', value: dayOf(consent?.expires ?? '') });
  const element = h(
    'details',
    { class: 'consent' },
    h('summary', null, consent === null ? 'Consent: none written down' : `Consent: ${inShort(consent)}`),
    h(
      'div',
      { class: 'stack' },
      h('label', { class: 'field' }, h('span', null, 'What for'), purpose),
      h('label', { class: 'field' }, h('span', null, 'Given on'), given),
      h('label', { class: 'field' }, h('span', null, 'Until ', h('small', null, 'if it ends')), expires),
    ),
  );

  /**
   * Undefined where nothing was changed; null where the purpose was taken out. A day that stands as it did keeps its hour.
   * @returns {Consent | null | undefined}
   */
  function read() {
    const text = purpose.value.trim();
    if (text === '') return consent === null ? undefined : null;
    const next = {
      purpose: text,
      given: timeOf(given.value, consent?.given) ?? new Date().toISOString(),
      expires: timeOf(expires.value, consent?.expires),
    };
    return JSON.stringify(next) === JSON.stringify(consent) ? undefined : next;
  }

  return { element, read };
}

/** @param {Consent} consent */
export function hasEnded({ expires }) {
  return expires !== null && Date.parse(expires) <= Date.now();
}

/** @param {Consent} consent */
function inShort(consent) {
  const { purpose, expires } = consent;
  if (expires === null) return purpose;
  return `${purpose}, ${hasEnded(consent) ? 'ended' : 'until'} ${day(expires)}`;
}

/** @param {string} time */
function dayOf(time) {
  return time.slice(0, 10);
}

/**
 * @param {string} typed
 * @param {string | null | undefined} before
 */
function timeOf(typed, before) {
  if (typed === '') return null;
  return before && dayOf(before) === typed ? before : `${typed}T00:00:00.000Z`;
}
