// @ts-check
import { candidateList } from '../candidate-list.js';
import { strikeRejected } from '../decide.js';
import { fill, h, icon, uniqueId } from '../dom.js';
import { confidenceText, scoreText } from '../format.js';
import { personName } from '../person-avatar.js';
import { facePicture } from '../photo/face-picture.js';
import { needs } from '../service/session.js';
import { thumbnails } from '../thumbnails.js';
import { createEnrolForm } from './enrol-form.js';
import { mergeDialog } from './merge-dialog.js';
import { qualityNote } from './quality-note.js';
import { rejectButton } from './reject-button.js';

/** @typedef {import('../replies.d.ts').InferReply} InferReply */
/** @typedef {import('./answer-words.js').Verdict} Verdict */

/**
 * The faces of an answer, largest first: who each is, and for the chosen one the nearest people and what can be done.
 * @param {{ onSelect: (index: number | null) => void, onEnrolled: () => void, scale: () => { threshold: number, min: number },
 *   stageImage: () => HTMLImageElement }} options
 */
export function createFaceList({ onSelect, onEnrolled, scale, stageImage }) {
  const heading = uniqueId();
  const count = h('span', { class: 'count' });
  const rows = h('ol', { class: 'faces' });
  const element = h(
    'section',
    { class: 'panel face-panel', 'aria-labelledby': heading },
    h('div', { class: 'panel-head' }, h('h2', { id: heading }, 'Faces'), count),
    rows,
  );
  /** @type {InferReply | null} */
  let reply = null;
  /** @type {Verdict[]} */
  let verdicts = [];
  /** Pictures of the answer's faces, as they are made. @type {Promise<Blob | null>[]} */
  let pictures = [];
  /** @type {string[]} */
  let urls = [];
  /** @type {number | null} */
  let selected = null;
  let isFormOpen = false;

  /** @param {number} index */
  function drawRow(index) {
    const face = /** @type {InferReply['faces'][number]} */ (reply?.faces[index]);
    const verdict = /** @type {Verdict} */ (verdicts[index]);
    const isOpen = index === selected;
    const picture = h('img', { class: 'face-picture', alt: '', hidden: true });
    pictures[index]?.then(blob => {
      if (blob === null) return;
      urls[index] ??= URL.createObjectURL(blob);
      picture.src = urls[index];
      picture.hidden = false;
    });
    const body = uniqueId();
    const button = h(
      'button',
      { class: 'face-row', type: 'button', 'aria-expanded': String(isOpen), 'aria-controls': isOpen ? body : null },
      h('span', { class: 'face-shot' }, picture, h('span', { class: 'face-number' }, index + 1)),
      h('span', { class: 'face-name' }, nameOf(verdict)),
      h('span', { class: `tag is-${verdict.decision}` }, verdict.decision),
      h(
        'span',
        { class: 'face-score' },
        h('span', { class: 'number' }, scoreText(face.score)),
        face.score !== null && h('small', null, confidenceText(face.confidence)),
      ),
    );
    button.addEventListener('click', () => onSelect(isOpen ? null : index));
    return h(
      'li',
      { class: isOpen ? 'is-open' : '' },
      button,
      isOpen && h('div', { class: 'face-body', id: body }, bodyOf(index)),
    );
  }

  /** @param {number} index */
  function bodyOf(index) {
    const current = /** @type {InferReply} */ (reply);
    const face = /** @type {InferReply['faces'][number]} */ (current.faces[index]);
    const verdict = /** @type {Verdict} */ (verdicts[index]);
    if (isFormOpen) return [qualityNote(face.quality), enrolForm(current, index)];
    const actions = h('div', { class: 'actions' });
    const enrol = needs(
      'enrol',
      h(
        'button',
        { class: 'button primary', type: 'button' },
        icon('add'),
        verdict.decision === 'match' ? 'Add this face' : 'Enrol',
      ),
    );
    enrol.addEventListener('click', () => openForm(index));
    actions.append(enrol);
    const place = h('div', { class: 'problem' });
    const left = strikeRejected(face.candidates ?? [], scale().threshold);
    const [first, second] = left;
    const named = { match: left.slice(0, 1), ambiguous: left.slice(0, 2), unknown: [] }[verdict.decision] ?? [];
    for (const { id } of named) {
      const given = {
        embeddings: [face.embedding ?? []],
        fingerprint: current.model.fingerprint,
        detector: current.detector,
      };
      actions.append(rejectButton({ id, face: given, place, onRejected: onEnrolled }));
    }
    if (verdict.decision === 'ambiguous' && first && second) {
      const merge = needs('enrol', h('button', { class: 'button', type: 'button' }, icon('merge'), 'Merge the two'));
      merge.addEventListener('click', () => mergeDialog({ into: first.id, from: second.id, onMerged: onEnrolled }));
      actions.append(merge);
    }
    return [candidateList(face.candidates ?? [], scale()), qualityNote(face.quality), actions, place];
  }

  /**
   * @param {InferReply} current
   * @param {number} index
   */
  function enrolForm(current, index) {
    const face = /** @type {InferReply['faces'][number]} */ (current.faces[index]);
    const verdict = /** @type {Verdict} */ (verdicts[index]);
    return createEnrolForm({
      embedding: face.embedding ?? [],
      fingerprint: current.model.fingerprint,
      detector: current.detector,
      known: verdict.decision === 'match' && verdict.id !== null ? { id: verdict.id, name: verdict.name } : null,
      onCancel: () => {
        isFormOpen = false;
        draw();
        focusRow(index);
      },
      onEnrolled: async (id, added) => {
        const picture = await pictures[index];
        if (picture) thumbnails.keep(id, added, picture);
        isFormOpen = false;
        draw();
        focusRow(index);
        onEnrolled();
      },
    }).element;
  }

  function draw() {
    const faces = reply?.faces ?? [];
    count.textContent = String(faces.length);
    const focused = [...rows.children].findIndex(row => row.firstElementChild === document.activeElement);
    fill(
      rows,
      faces.length === 0
        ? h('li', { class: 'empty-line' }, 'No face was found in this photo.')
        : faces.map((_, index) => drawRow(index)),
    );
    if (focused >= 0) focusRow(focused);
  }

  /** @param {number} index */
  function focusRow(index) {
    rows.children[index]?.querySelector('button')?.focus({ preventScroll: true });
  }

  /**
   * Scrolls the list to a row; on a phone, where the list itself does not scroll, the page.
   * @param {number} index
   */
  function reveal(index) {
    const row = rows.children[index];
    if (!(row instanceof HTMLElement)) return;
    if (rows.scrollHeight > rows.clientHeight) rows.scrollTop = row.offsetTop;
    else if (row.getBoundingClientRect().top > window.innerHeight) row.scrollIntoView({ block: 'center' });
  }

  /** @param {number} index */
  function openForm(index) {
    isFormOpen = true;
    selected = index;
    draw();
    reveal(index);
    rows.querySelector('input')?.focus({ preventScroll: rows.scrollHeight > rows.clientHeight });
  }

  return {
    element,
    openForm,
    /**
     * @param {InferReply} answer
     * @param {Verdict[]} decided
     */
    show(answer, decided) {
      if (answer !== reply) {
        for (const url of urls) if (url) URL.revokeObjectURL(url);
        urls = [];
        const image = stageImage();
        const ready = image.hidden
          ? Promise.resolve(false)
          : image.decode().then(
              () => true,
              () => false,
            );
        pictures = answer.faces.map(async face =>
          (await ready) ? facePicture(image, face.bounding_box, answer.image) : null,
        );
        isFormOpen = false;
        if (selected !== null && selected >= answer.faces.length) selected = null;
      }
      reply = answer;
      verdicts = decided;
      // What somebody types into is left as it is.
      if (!isFormOpen) draw();
    },
    /** @param {number | null} index */
    select(index) {
      if (index === selected) return;
      const hadFocus = rows.contains(document.activeElement);
      selected = index;
      isFormOpen = false;
      draw();
      if (index !== null) reveal(index);
      if (hadFocus && index !== null) focusRow(index);
    },
  };
}

/** @param {Verdict} verdict */
function nameOf({ decision, id, name }) {
  if (decision === 'match' && id !== null) return personName({ id, name });
  return h('span', { class: 'nobody' }, decision === 'ambiguous' ? 'One of two people' : 'Nobody known');
}
