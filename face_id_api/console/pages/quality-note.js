// @ts-check
import { h, icon } from '../dom.js';
import { measuresOf, qualityWords } from '../service/quality-words.js';

/**
 * How good a face is to be recognised by: what is wrong with it, and the measures.
 * @param {import('../service/quality-words.js').Quality | undefined} quality
 */
export function qualityNote(quality) {
  if (quality === undefined) return null;
  const faults = quality.reasons.map(reason => h('li', null, icon('warning'), h('span', null, qualityWords[reason])));
  return h(
    'div',
    { class: 'quality' },
    faults.length > 0 && h('ul', { class: 'quality-faults', 'aria-label': 'What is wrong with this face' }, faults),
    h('small', { class: 'number' }, measuresOf(quality)),
  );
}
