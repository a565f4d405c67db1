// @ts-check
import { h } from '../dom.js';
import { counted, scoreText } from '../format.js';

/** @typedef {import('../replies.d.ts').InferReply} InferReply */

/**
 * What was decided about a face by the threshold as it is set, and the person's name.
 * @typedef {{ decision: import('../replies.d.ts').Decision, id: import('../replies.d.ts').IdentityId | null, name: string | null }} Verdict
 */

/**
 * A face for those who cannot see the photo.
 * @param {number} index
 * @param {import('../replies.d.ts').Face} face
 * @param {Verdict} verdict
 */
export function describeFace(index, { score }, { decision, id, name }) {
  const who = decision === 'match' ? `match, ${name ?? id}` : decision;
  return `Face ${index + 1}: ${who}${score === null ? '' : `, score ${scoreText(score)}`}. Enter to enrol.`;
}

/**
 * An answer in a line.
 * @param {InferReply} answer
 * @param {readonly Verdict[]} verdicts
 */
export function summaryOf({ faces, image, detector }, verdicts) {
  if (faces.length === 0) {
    const advice = 'Faces under 40 pixels are not looked for; try a photo in which they are larger.';
    return [h('strong', null, 'No face was found. '), advice];
  }
  const matches = verdicts.filter(({ decision }) => decision === 'match').length;
  const size = `${image.width} × ${image.height}`;
  return [
    h('strong', null, counted(faces.length, 'face')),
    ` · ${counted(matches, 'match', 'matches')} · ${size} · ${detector}`,
  ];
}

/**
 * An answer as it is said.
 * @param {readonly Verdict[]} verdicts
 */
export function spoken(verdicts) {
  if (verdicts.length === 0) return 'No face was found.';
  const named = verdicts.flatMap(({ decision, id, name }) => (decision === 'match' ? [name ?? String(id)] : []));
  const known = named.length === 0 ? 'nobody is known' : `known: ${named.join(', ')}`;
  return `${counted(verdicts.length, 'face')} found, ${known}.`;
}

/**
 * Who it is, for the label on the photo; empty for nobody.
 * @param {Verdict} verdict
 */
export function labelOf({ decision, id, name }) {
  if (decision === 'match') return name ?? String(id);
  return decision === 'ambiguous' ? 'ambiguous' : '';
}

/** What stands beside an empty page. */
export function howItWorks() {
  return h(
    'div',
    { class: 'panel intro' },
    h('h2', null, 'What an answer means'),
    h('dl', { class: 'legend' }, [
      h(
        'div',
        null,
        h('dt', null, h('span', { class: 'tag is-match' }, 'match')),
        h('dd', null, 'The nearest person’s score reaches the threshold.'),
      ),
      h(
        'div',
        null,
        h('dt', null, h('span', { class: 'tag is-ambiguous' }, 'ambiguous')),
        h('dd', null, 'Two people are nearly as near. Often one person, enrolled twice.'),
      ),
      h(
        'div',
        null,
        h('dt', null, h('span', { class: 'tag is-unknown' }, 'unknown')),
        h('dd', null, 'Nobody reaches the threshold. Nobody is named just for being nearest.'),
      ),
    ]),
    h(
      'p',
      { class: 'hint' },
      'The threshold comes from measured false-match rates, and can be tried out on every answer.',
    ),
  );
}
