// @ts-check
import { h, icon } from '../dom.js';
import { takePicture } from './camera-dialog.js';

/** What the service reads; others it refuses in words. */
const accepted = 'image/jpeg,image/png,image/webp,image/gif,image/tiff,image/avif,image/heic,image/heif';

/**
 * Where a photo is dropped or chosen, or taken with the camera.
 * @param {{ title: string, hint: string, small?: boolean, onPhoto: (file: Blob) => void }} options
 */
export function photoPicker({ title, hint, small = false, onPhoto }) {
  const input = fileInput(onPhoto);
  const choose = h('button', { class: 'button primary', type: 'button' }, icon('upload'), 'Choose a photo');
  choose.addEventListener('click', () => input.click());
  const camera = cameraButton(onPhoto);
  const zone = h(
    'div',
    { class: `drop-zone${small ? ' small' : ''}` },
    h('div', { class: 'drop-art' }, icon('viewfinder')),
    h('p', { class: 'drop-title' }, title),
    h('p', { class: 'drop-hint' }, hint),
    h('div', { class: 'actions' }, choose, camera),
    input,
  );
  acceptDrops(zone, onPhoto);
  return zone;
}

/**
 * @param {(file: Blob) => void} onPhoto
 */
export function fileInput(onPhoto) {
  const input = h('input', { type: 'file', accept: accepted, class: 'hidden', tabindex: '-1', 'aria-hidden': 'true' });
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) onPhoto(file);
    // The same file may be chosen again.
    input.value = '';
  });
  return input;
}

/**
 * Where the browser gives no camera (none there, or not over HTTPS), the button is not shown.
 * @param {(file: Blob) => void} onPhoto
 */
export function cameraButton(onPhoto) {
  const hasCamera = navigator.mediaDevices?.getUserMedia !== undefined;
  const button = h('button', { class: 'button', type: 'button', hidden: !hasCamera }, icon('camera'), 'Camera');
  button.addEventListener('click', () => takePicture(onPhoto));
  return button;
}

/**
 * Photos dropped on an element; it is marked while one is over it.
 * @param {HTMLElement} zone
 * @param {(file: Blob) => void} onPhoto
 */
export function acceptDrops(zone, onPhoto) {
  let depth = 0;
  /** @param {number} change */
  const moved = change => {
    depth = Math.max(0, depth + change);
    zone.classList.toggle('is-over', depth > 0);
  };
  zone.addEventListener('dragenter', () => moved(1));
  zone.addEventListener('dragleave', () => moved(-1));
  zone.addEventListener('dragover', event => event.preventDefault());
  zone.addEventListener('drop', event => {
    event.preventDefault();
    event.stopPropagation();
    moved(-depth);
    const file = event.dataTransfer?.files[0];
    if (file) onPhoto(file);
  });
}

/**
 * The picture in what was pasted; null where it holds none.
 * @param {ClipboardEvent} event
 * @returns {Blob | null}
 */
export function pastedPhoto(event) {
  return [...(event.clipboardData?.files ?? [])].find(file => file.type.startsWith('image/')) ?? null;
}
