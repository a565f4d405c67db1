// @ts-check
import { decide } from '../decide.js';
import { fill, h, icon } from '../dom.js';
import { confidenceText, scoreText } from '../format.js';
import { announce, showError } from '../notices.js';
import { createFaceStage } from '../photo/face-stage.js';
import { loadPhoto, releasePhoto, toBase64 } from '../photo/load-photo.js';
import { acceptDrops, pastedPhoto, photoPicker } from '../photo/pick-photo.js';
import { createRuleControl } from '../rule-control.js';
import { api } from '../service/api.js';
import { measuredPoints } from '../service/calibration.js';

/** @typedef {import('../replies.d.ts').VerifyReply} VerifyReply */
/** @typedef {import('../photo/load-photo.js').Photo} Photo */

/** The page on which two photos are compared. */
export function createComparePage() {
  const heading = h('h1', { class: 'page-title', tabindex: '-1' }, 'Compare');
  const sides = [createSide('First photo', changed), createSide('Second photo', changed)];
  const rule = createRuleControl(drawVerdict);
  const verdict = h('div', { class: 'verdict' });
  const problem = h('div', { class: 'problem' });
  const ruleCard = h('div', { class: 'rule-card', hidden: true }, rule.element);
  const element = h(
    'section',
    { class: 'page compare' },
    h(
      'header',
      { class: 'page-head' },
      heading,
      h(
        'p',
        { class: 'page-lead' },
        'Whether the largest faces of two photos are the same person’s. Nobody is looked up, nothing is kept.',
      ),
    ),
    problem,
    h(
      'div',
      { class: 'pair' },
      sides.map(side => side.element),
    ),
    h('div', { class: 'compare-result' }, verdict, ruleCard),
  );
  /** @type {VerifyReply | null} */
  let reply = null;
  /** @type {AbortController | null} */
  let asking = null;
  document.addEventListener('paste', event => {
    const pasted = element.hidden ? null : pastedPhoto(event);
    if (pasted) (sides.find(side => side.photo === null) ?? sides[1])?.open(pasted);
  });
  drawVerdict();

  async function changed() {
    asking?.abort();
    reply = null;
    fill(problem);
    drawVerdict();
    const photos = sides.map(side => side.photo);
    if (photos.some(photo => photo === null)) return;
    const mine = new AbortController();
    asking = mine;
    waiting(mine);
    try {
      const [source_image, target_image] = await Promise.all(
        photos.map(photo => toBase64(/** @type {Photo} */ (photo).file)),
      );
      const answer = await api.verify(
        { source_image: source_image ?? '', target_image: target_image ?? '' },
        mine.signal,
      );
      const points = await measuredPoints(answer.detector);
      if (asking !== mine) return;
      reply = answer;
      rule.show({ serviceThreshold: answer.rule.threshold, points, comparisons: null });
      drawVerdict();
      announce(`${current()}, score ${scoreText(answer.score)}`);
    } catch (error) {
      if (asking !== mine) return;
      drawVerdict();
      if (!mine.signal.aborted) showError(problem, error, changed);
    }
  }

  /** @param {AbortController} mine */
  function waiting(mine) {
    fill(
      verdict,
      h(
        'div',
        { class: 'progress' },
        h('div', { class: 'progress-bar', role: 'progressbar', 'aria-label': 'Comparing' }),
        h('p', null, 'Comparing…'),
        h('button', { class: 'button small', type: 'button', on: { click: () => mine.abort() } }, 'Cancel'),
      ),
    );
  }

  function current() {
    const score = reply?.score ?? 0;
    return decide([{ id: 0, score, confidence: null }], { threshold: rule.current(), margin: 0 }).decision;
  }

  function drawVerdict() {
    ruleCard.hidden = reply === null;
    if (reply === null) {
      fill(verdict, h('p', { class: 'verdict-empty' }, icon('compare'), 'Choose two photos, and they are compared.'));
      for (const side of sides) side.showFace(null, 'unknown');
      return;
    }
    const decision = current();
    const { score, confidence, source_face, target_face } = reply;
    sides[0]?.showFace(source_face, decision);
    sides[1]?.showFace(target_face, decision);
    rule.showScores([{ score, decision }]);
    fill(
      verdict,
      h(
        'p',
        { class: `verdict-word is-${decision}` },
        icon(decision === 'match' ? 'check' : 'close'),
        decision === 'match' ? 'The same person' : 'Not the same, as far as can be told',
      ),
      h('span', { class: `tag is-${decision}` }, decision),
      h('dl', { class: 'verdict-figures' }, [
        h('div', null, h('dt', null, 'score'), h('dd', { class: 'number' }, scoreText(score))),
        h('div', null, h('dt', null, 'confidence'), h('dd', { class: 'number' }, confidenceText(confidence))),
        h('div', null, h('dt', null, 'threshold'), h('dd', { class: 'number' }, scoreText(rule.current()))),
      ]),
    );
  }

  return { element, heading, title: 'Compare' };
}

/**
 * One of the two photos.
 * @param {string} title
 * @param {() => void} onChange
 */
function createSide(title, onChange) {
  const stage = createFaceStage({});
  /** Photos that were chosen so far: of two that are chosen quickly the later one stays. */
  let chosen = 0;
  const picker = photoPicker({ title, hint: 'Drop, paste or choose one', small: true, onPhoto: open });
  const replace = h(
    'button',
    { class: 'button small', type: 'button', on: { click: close } },
    icon('close'),
    'Another one',
  );
  const shown = h(
    'div',
    { class: 'shown', hidden: true },
    stage.element,
    h('div', { class: 'stage-tools' }, h('p', { class: 'stage-summary' }, title), replace),
  );
  acceptDrops(shown, open);
  const element = h('div', { class: 'pair-side', role: 'group', 'aria-label': title }, picker, shown);
  const side = {
    element,
    open,
    /** @type {Photo | null} */
    photo: null,
    /**
     * @param {VerifyReply['source_face'] | null} face
     * @param {'match' | 'unknown' | 'ambiguous'} decision
     */
    showFace(face, decision) {
      if (side.photo === null || side.photo.url === '') return;
      const drawn =
        face === null
          ? []
          : [{ box: face.bounding_box, landmarks: face.landmarks, decision, label: '', description: '' }];
      stage.showFaces(drawn, side.photo.full);
    },
  };
  return side;

  /** @param {Blob} file */
  async function open(file) {
    chosen += 1;
    const mine = chosen;
    const loaded = await loadPhoto(file);
    if (mine !== chosen) return releasePhoto(loaded);
    releasePhoto(side.photo);
    side.photo = loaded;
    picker.hidden = true;
    shown.hidden = false;
    stage.showPhoto(side.photo, title);
    onChange();
  }

  function close() {
    chosen += 1;
    releasePhoto(side.photo);
    side.photo = null;
    picker.hidden = false;
    shown.hidden = true;
    onChange();
    picker.querySelector('button')?.focus();
  }
}
