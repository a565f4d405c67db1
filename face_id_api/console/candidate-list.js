// @ts-check
import { isStruck } from './decide.js';
import { fill, h } from './dom.js';
import { confidenceText, scoreText } from './format.js';
import { personAvatar, personName } from './person-avatar.js';
import { lookUp } from './service/names.js';

/** @typedef {import('./replies.d.ts').Candidate} Candidate */

/**
 * The nearest people of a face, each with its score on a scale on which the threshold is marked.
 * @param {readonly Candidate[]} candidates best first
 * @param {{ threshold: number, min: number }} scale
 */
export function candidateList(candidates, scale) {
  if (candidates.length === 0)
    return h('p', { class: 'hint' }, 'The gallery is empty: there is nobody to compare with.');
  return h(
    'ol',
    { class: 'candidates', 'aria-label': 'Nearest people' },
    candidates.map(candidate => candidateRow(candidate, scale)),
  );
}

/**
 * @param {Candidate} candidate
 * @param {{ threshold: number, min: number }} scale
 */
function candidateRow(candidate, { threshold, min }) {
  const { id, score, confidence } = candidate;
  const isOut = isStruck(candidate, threshold);
  const who = h('span', { class: 'candidate-who' }, personName({ id, name: null }));
  const avatar = h('span', { class: 'candidate-face' }, personAvatar({ id, name: null }));
  lookUp(id).then(person => {
    if (person === null) return;
    fill(who, personName(person));
    fill(avatar, personAvatar(person));
  });
  const bar = h(
    'span',
    { class: 'bar', 'aria-hidden': 'true' },
    h('span', { class: 'bar-value' }),
    h('span', { class: 'bar-mark' }),
  );
  /** @param {number} value */
  const place = value => `${100 * Math.min(1, Math.max(0, (value - min) / (1 - min)))}%`;
  bar.style.setProperty('--value', place(score));
  bar.style.setProperty('--mark', place(threshold));
  return h(
    'li',
    { class: `candidate${score >= threshold && !isOut ? ' reaches' : ''}` },
    avatar,
    who,
    h(
      'span',
      { class: 'candidate-score' },
      h('span', { class: 'number' }, scoreText(score)),
      h('small', null, isOut ? 'said not to be them' : confidenceText(confidence)),
    ),
    bar,
  );
}
