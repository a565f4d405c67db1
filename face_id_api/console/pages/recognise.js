// @ts-check
import { candidateList } from '../candidate-list.js';
import { decide } from '../decide.js';
import { fill, h, icon } from '../dom.js';
import { announce, showError } from '../notices.js';
import { createFaceStage } from '../photo/face-stage.js';
import { loadPhoto, releasePhoto } from '../photo/load-photo.js';
import { acceptDrops, cameraButton, fileInput, pastedPhoto, photoPicker } from '../photo/pick-photo.js';
import { createRuleControl } from '../rule-control.js';
import { api } from '../service/api.js';
import { measuredPoints } from '../service/calibration.js';
import { lookUp } from '../service/names.js';
import { session } from '../service/session.js';
import { describeFace, howItWorks, labelOf, spoken, summaryOf } from './answer-words.js';
import { createFaceList } from './face-list.js';

/** @typedef {import('../replies.d.ts').InferReply} InferReply */
/** @typedef {import('../photo/load-photo.js').Photo} Photo */
/** @typedef {import('./answer-words.js').Verdict} Verdict */

/** The page on which a photo is answered. */
export function createRecognisePage() {
  /** @type {Photo | null} */
  let photo = null;
  /** @type {InferReply | null} */
  let reply = null;
  /** @type {Verdict[]} */
  let verdicts = [];
  /** @type {AbortController | null} */
  let asking = null;
  /** @type {'template' | 'person'} */
  let by = 'template';
  /** Photos that were chosen so far: of two that are chosen quickly the later one stays. */
  let chosen = 0;

  const rule = createRuleControl(decideAgain);
  const list = createFaceList({ onSelect: select, onEnrolled: () => ask(), scale, stageImage: () => stage.image });
  const stage = createFaceStage({
    onSelect: select,
    onEnter: index => {
      select(index);
      list.openForm(index);
    },
    details: index => faceCard(index),
  });

  const picker = photoPicker({
    title: 'Drop a photo, or paste one',
    hint: 'Faces are found and compared with the gallery. Photos are not kept.',
    onPhoto: open,
  });
  const input = fileInput(open);
  const another = h(
    'button',
    { class: 'button', type: 'button', on: { click: () => input.click() } },
    icon('upload'),
    'Another photo',
  );
  const clear = h('button', { class: 'button quiet', type: 'button', on: { click: close } }, 'Clear');
  const bySwitch = h('input', { type: 'checkbox', class: 'switch' });
  bySwitch.addEventListener('change', () => {
    by = bySwitch.checked ? 'person' : 'template';
    ask();
  });
  const summary = h('p', { class: 'stage-summary' });
  const tools = h(
    'div',
    { class: 'stage-tools' },
    summary,
    h('div', { class: 'actions' }, another, cameraButton(open), clear, input),
  );
  const progress = h(
    'div',
    { class: 'progress', hidden: true },
    h('div', { class: 'progress-bar', role: 'progressbar', 'aria-label': 'Looking for faces' }),
    h('p', null, 'Looking for faces…'),
    h('button', { class: 'button small', type: 'button', on: { click: () => asking?.abort() } }, 'Cancel'),
  );
  const problem = h('div', { class: 'problem' });
  const shown = h('div', { class: 'shown', hidden: true }, stage.element, progress, tools);
  const intro = howItWorks();
  const bySetting = h(
    'label',
    { class: 'setting' },
    bySwitch,
    h(
      'span',
      null,
      h('strong', null, 'By person'),
      h('small', null, 'against one mean vector each, not single templates'),
    ),
  );
  const side = h(
    'div',
    { class: 'side', hidden: true },
    h('div', { class: 'rule-card' }, rule.element, bySetting),
    list.element,
  );
  const heading = h('h1', { class: 'page-title', tabindex: '-1' }, 'Recognise');
  const element = h(
    'section',
    { class: 'page recognise' },
    h(
      'header',
      { class: 'page-head' },
      heading,
      h('p', { class: 'page-lead' }, 'Who is in a photo, and how sure that is.'),
    ),
    h(
      'div',
      { class: 'columns' },
      h('div', { class: 'main-column' }, problem, picker, shown),
      h('div', { class: 'side-column' }, intro, side),
    ),
  );
  acceptDrops(shown, open);
  element.addEventListener('keydown', event => {
    if (event.key === 'Escape') select(null);
  });
  document.addEventListener('paste', event => {
    const pasted = element.hidden ? null : pastedPhoto(event);
    if (pasted) open(pasted);
  });
  session.on('gallery', () => ask());
  session.on('people', () => decideAgain());

  /** @param {Blob} file */
  async function open(file) {
    chosen += 1;
    const mine = chosen;
    const loaded = await loadPhoto(file);
    if (mine !== chosen) return releasePhoto(loaded);
    releasePhoto(photo);
    photo = loaded;
    reply = null;
    fill(problem);
    picker.hidden = true;
    shown.hidden = false;
    select(null);
    side.inert = true;
    stage.showPhoto(photo, 'The photo that was chosen');
    fill(summary);
    await ask();
  }

  function close() {
    chosen += 1;
    asking?.abort();
    releasePhoto(photo);
    photo = null;
    reply = null;
    fill(problem);
    for (const [part, isHidden] of /** @type {const} */ ([
      [picker, false],
      [shown, true],
      [side, true],
      [intro, false],
    ]))
      part.hidden = isHidden;
    picker.querySelector('button')?.focus();
  }

  async function ask() {
    if (photo === null) return;
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    progress.hidden = false;
    shown.classList.add('is-busy');
    fill(problem);
    try {
      const answer = await api.infer(photo.file, { by, signal: mine.signal });
      const points = await measuredPoints(answer.detector);
      if (asking === mine) await show(answer, points);
    } catch (error) {
      if (asking !== mine) return;
      if (mine.signal.aborted) cancelled();
      else refuse(error);
    } finally {
      if (asking === mine) {
        asking = null;
        progress.hidden = true;
        shown.classList.remove('is-busy');
      }
    }
  }

  function cancelled() {
    side.hidden = reply === null;
    side.inert = false;
    intro.hidden = reply !== null;
    fill(summary, 'Cancelled. ', h('button', { class: 'link', type: 'button', on: { click: ask } }, 'Ask again'));
  }

  /** @param {unknown} error */
  function refuse(error) {
    reply = null;
    side.hidden = true;
    intro.hidden = false;
    picker.hidden = false;
    shown.hidden = true;
    showError(problem, error, ask);
  }

  /**
   * @param {InferReply} answer
   * @param {readonly import('../replies.d.ts').MeasuredPoint[]} points
   */
  async function show(answer, points) {
    reply = answer;
    picker.hidden = true;
    shown.hidden = false;
    intro.hidden = true;
    side.hidden = false;
    side.inert = false;
    rule.show({ serviceThreshold: answer.rule.threshold, points, comparisons: answer.rule.comparisons });
    await decideAgain();
    announce(spoken(verdicts));
  }

  /** Decides on the answer that is there, by the threshold as it is set. */
  async function decideAgain() {
    if (reply === null) return;
    const current = reply;
    const threshold = rule.current();
    const decided = current.faces.map(face =>
      decide(face.candidates ?? [], { threshold, margin: current.rule.margin }),
    );
    const people = await Promise.all(decided.map(({ id }) => (id === null ? null : lookUp(id))));
    // Meanwhile there may be another answer, or another threshold.
    if (reply !== current || rule.current() !== threshold) return;
    verdicts = decided.map((verdict, i) => ({ ...verdict, name: people[i]?.name ?? null }));
    rule.showScores(current.faces.map(({ score }, i) => ({ score, decision: verdicts[i]?.decision ?? 'unknown' })));
    const faces = current.faces.map((face, i) => ({
      box: face.bounding_box,
      landmarks: face.landmarks,
      decision: verdicts[i]?.decision ?? 'unknown',
      label: labelOf(/** @type {Verdict} */ (verdicts[i])),
      description: describeFace(i, face, /** @type {Verdict} */ (verdicts[i])),
    }));
    stage.showFaces(faces, current.image);
    list.show(current, verdicts);
    fill(summary, summaryOf(current, verdicts));
  }

  /** @param {number | null} index */
  function select(index) {
    stage.select(index);
    list.select(index);
  }

  function scale() {
    return { threshold: rule.current(), min: rule.range.min };
  }

  /** @param {number} index */
  function faceCard(index) {
    const face = /** @type {import('../replies.d.ts').Face} */ (reply?.faces[index]);
    return h(
      'div',
      null,
      h('p', { class: 'card-title' }, `Face ${index + 1}`),
      candidateList((face.candidates ?? []).slice(0, 3), scale()),
    );
  }

  return { element, heading, title: 'Recognise', open };
}
