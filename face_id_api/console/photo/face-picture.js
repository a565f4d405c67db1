// @ts-check
import { toJpeg } from './load-photo.js';

/** @typedef {import('../replies.d.ts').Box} Box */

const side = 128;
/** Of the box's own size, on every side. */
const margin = 0.25;

/**
 * A small square picture of one face out of what is shown.
 * @param {HTMLImageElement} image
 * @param {Box} box in pixels of the upright photo
 * @param {{ width: number }} photo its size
 * @returns {Promise<Blob>}
 */
export function facePicture(image, box, photo) {
  const scale = image.naturalWidth / photo.width;
  const [x1, y1, x2, y2] = box;
  const half = (0.5 + margin) * Math.max(x2 - x1, y2 - y1) * scale;
  const [x, y] = [((x1 + x2) / 2) * scale - half, ((y1 + y2) / 2) * scale - half];
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext('2d');
  if (context) {
    context.imageSmoothingQuality = 'high';
    context.fillStyle = '#808080';
    context.fillRect(0, 0, side, side);
    context.drawImage(image, x, y, 2 * half, 2 * half, 0, 0, side, side);
  }
  return toJpeg(canvas);
}
