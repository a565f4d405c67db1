// @ts-check

/**
 * A photo that somebody chose. What is sent is the file as it is; what is shown may be smaller.
 * @typedef {object} Photo
 * @property {Blob} file
 * @property {string} url of what is shown; empty where this browser cannot show the format
 * @property {number} width of what is shown, upright
 * @property {number} height
 * @property {{ width: number, height: number }} full the upright photo's own size
 */

/** Larger ones are shown smaller: what a screen cannot show only takes memory. */
const longestShown = 2400;

/**
 * Prepares a photo to be shown, upright as its EXIF says. A format that this browser cannot read is no error: the service may.
 * @param {Blob} file
 * @returns {Promise<Photo>}
 */
export async function loadPhoto(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (bitmap === null) return { file, url: '', width: 0, height: 0, full: { width: 4, height: 3 } };
  const { width, height } = bitmap;
  const full = { width, height };
  const scale = Math.min(1, longestShown / Math.max(width, height));
  if (scale === 1) {
    bitmap.close();
    return { file, url: URL.createObjectURL(file), width, height, full };
  }
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const smaller = await toJpeg(canvas);
  return { file, url: URL.createObjectURL(smaller), width: canvas.width, height: canvas.height, full };
}

/** @param {Photo | null} photo */
export function releasePhoto(photo) {
  if (photo !== null && photo.url !== '') URL.revokeObjectURL(photo.url);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
export function toJpeg(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      blob => (blob ? resolve(blob) : reject(new Error('the picture cannot be encoded'))),
      'image/jpeg',
      0.9,
    );
  });
}

/**
 * A file as base64, for the routes that take two.
 * @param {Blob} file
 * @returns {Promise<string>}
 */
export function toBase64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result).replace(/^[^,]*,/, '')));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
