// @ts-check
import { fill, h, icon, uniqueId } from '../dom.js';
import { labelPlaces } from './label-places.js';
import { nextFace } from './next-face.js';

/** @typedef {import('../replies.d.ts').Box} Box */
/** @typedef {import('../replies.d.ts').Decision} Decision */
/** @typedef {import('./load-photo.js').Photo} Photo */

/**
 * A face as it is drawn.
 * @typedef {object} DrawnFace
 * @property {Box} box in pixels of the upright photo
 * @property {readonly (readonly [number, number])[]} landmarks
 * @property {Decision} decision
 * @property {string} label who it is, in a few words; empty for nobody
 * @property {string} description for those who cannot see the photo
 */

/**
 * A photo with the faces that were found in it: each can be reached by the arrow keys, chosen, and looked at closer.
 * @param {{ onSelect?: (index: number | null) => void, onEnter?: (index: number) => void, details?: (index: number) => HTMLElement }} options
 *   without `onSelect` the faces are drawn and nothing more; `details` is shown beside a face under the pointer or in focus
 */
export function createFaceStage({ onSelect, onEnter, details }) {
  const image = h('img', { class: 'stage-image', alt: '' });
  const overlay = h('div', { class: 'stage-overlay' });
  if (onSelect) {
    overlay.setAttribute('role', 'group');
    overlay.setAttribute('aria-label', 'Faces in the photo');
  }
  const unseen = h(
    'p',
    { class: 'stage-unseen', hidden: true },
    icon('photo'),
    'This browser cannot show the format; the faces are where they are.',
  );
  const frame = h('div', { class: 'stage-frame' }, image, overlay);
  const card = h('div', { class: 'stage-card', role: 'tooltip', id: uniqueId(), hidden: true });
  const element = h('div', { class: 'stage' }, frame, unseen, card);
  /** @type {DrawnFace[]} */
  let faces = [];
  /** @type {HTMLElement[]} */
  let boxes = [];
  /** @type {HTMLElement[]} */
  let labels = [];
  /** @type {number | null} */
  let selected = null;
  let size = { width: 1, height: 1 };

  new ResizeObserver(placeLabels).observe(frame);

  /** @param {number} index */
  function drawBox(index) {
    const { box, decision, description } = /** @type {DrawnFace} */ (faces[index]);
    /** @type {HTMLElement} */
    const drawn = onSelect
      ? h('button', {
          class: `face is-${decision}`,
          type: 'button',
          'aria-label': description,
          'aria-pressed': 'false',
        })
      : h('div', { class: `face is-${decision}` });
    const [x1, y1, x2, y2] = box;
    drawn.style.left = `${(100 * x1) / size.width}%`;
    drawn.style.top = `${(100 * y1) / size.height}%`;
    drawn.style.width = `${(100 * (x2 - x1)) / size.width}%`;
    drawn.style.height = `${(100 * (y2 - y1)) / size.height}%`;
    if (onSelect) {
      drawn.tabIndex = index === (selected ?? 0) ? 0 : -1;
      drawn.addEventListener('click', () => onSelect(index));
      drawn.addEventListener('keydown', event => onKey(event, index));
      for (const type of ['pointerenter', 'focus']) drawn.addEventListener(type, () => showCard(index));
      for (const type of ['pointerleave', 'blur']) drawn.addEventListener(type, () => hideCard());
    }
    return drawn;
  }

  /** @param {number} index */
  function drawLabel(index) {
    const { label, decision } = /** @type {DrawnFace} */ (faces[index]);
    return h(
      'span',
      { class: `face-label is-${decision}`, 'aria-hidden': 'true' },
      h('span', { class: 'face-number' }, index + 1),
      label !== '' && h('bdi', { class: 'face-who' }, label),
    );
  }

  function placeLabels() {
    if (labels.length === 0 || frame.clientWidth === 0) return;
    const scale = frame.clientWidth / size.width;
    const sized = faces.map(({ box: [x1, y1, x2, y2] }, index) => ({
      box: { left: x1 * scale, top: y1 * scale, width: (x2 - x1) * scale, height: (y2 - y1) * scale },
      full: sizeOf(/** @type {HTMLElement} */ (labels[index]), false),
      short: sizeOf(/** @type {HTMLElement} */ (labels[index]), true),
    }));
    // Whoever was recognised is named first.
    const order = faces.map((_, index) => index).sort((a, b) => weight(a) - weight(b) || a - b);
    const places = labelPlaces(
      order.map(index => /** @type {typeof sized[number]} */ (sized[index])),
      { width: frame.clientWidth, height: frame.clientHeight },
    );
    for (const [rank, index] of order.entries()) {
      const label = /** @type {HTMLElement} */ (labels[index]);
      const place = places[rank];
      label.classList.toggle('is-hidden', !place);
      label.classList.toggle('is-short', place?.form === 'short');
      if (place) label.style.transform = `translate(${Math.round(place.left)}px, ${Math.round(place.top)}px)`;
    }
  }

  /** @param {number} index */
  const weight = index => (index === selected ? -1 : faces[index]?.decision === 'unknown' ? 1 : 0);

  /**
   * @param {KeyboardEvent} event
   * @param {number} index
   */
  function onKey(event, index) {
    if (event.key === 'Enter') onEnter?.(index);
    else if (event.key === 'Escape') onSelect?.(null);
    else {
      const next = nextFace(
        faces.map(({ box }) => box),
        index,
        event.key,
      );
      if (next === null) return;
      onSelect?.(next);
      boxes[next]?.focus();
    }
    event.preventDefault();
  }

  /** @param {number} index */
  function showCard(index) {
    const box = boxes[index];
    if (!details || !box) return;
    fill(card, details(index));
    card.hidden = false;
    box.setAttribute('aria-describedby', card.id);
    const [stage, face] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
    const fitsRight = face.right + card.offsetWidth + 12 < stage.right;
    const fitsLeft = face.left - card.offsetWidth - 12 > stage.left;
    const left = fitsRight ? face.right + 12 : fitsLeft ? face.left - card.offsetWidth - 12 : face.left;
    const top = fitsRight || fitsLeft ? face.top : face.bottom + 8;
    const within = Math.max(0, Math.min(left - stage.left, stage.width - card.offsetWidth));
    card.style.transform = `translate(${Math.round(within)}px, ${Math.round(top - stage.top)}px)`;
  }

  function hideCard() {
    card.hidden = true;
    for (const box of boxes) box.removeAttribute('aria-describedby');
  }

  return {
    element,
    image,
    /**
     * @param {Photo} photo
     * @param {string} description
     */
    showPhoto(photo, description) {
      fill(overlay);
      faces = [];
      hideCard();
      unseen.hidden = photo.url !== '';
      image.hidden = photo.url === '';
      if (photo.url !== '') image.src = photo.url;
      image.alt = description;
      setSize(photo.width || 4, photo.height || 3);
    },
    /**
     * @param {readonly DrawnFace[]} drawn
     * @param {{ width: number, height: number }} photo the upright photo's size
     */
    showFaces(drawn, photo) {
      hideCard();
      faces = [...drawn];
      setSize(photo.width, photo.height);
      const focused = boxes.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      boxes = faces.map((_, index) => drawBox(index));
      labels = onSelect ? faces.map((_, index) => drawLabel(index)) : [];
      fill(overlay, boxes, labels);
      this.select(selected !== null && selected < faces.length ? selected : null);
      if (focused >= 0) boxes[focused]?.focus({ preventScroll: true });
    },
    /** @param {number | null} index */
    select(index) {
      selected = index;
      frame.classList.toggle('has-selected', index !== null);
      for (const [i, box] of boxes.entries()) {
        box.classList.toggle('is-selected', i === index);
        if (!onSelect) continue;
        box.setAttribute('aria-pressed', String(i === index));
        box.tabIndex = i === (index ?? 0) ? 0 : -1;
      }
      placeLabels();
    },
    /** @param {number} index */
    focus(index) {
      boxes[index]?.focus();
    },
  };

  /**
   * @param {number} width
   * @param {number} height
   */
  function setSize(width, height) {
    size = { width, height };
    frame.style.setProperty('--ratio', String(width / height));
  }
}

/**
 * @param {HTMLElement} label
 * @param {boolean} isShort
 */
function sizeOf(label, isShort) {
  label.classList.toggle('is-short', isShort);
  return { width: label.offsetWidth, height: label.offsetHeight };
}
