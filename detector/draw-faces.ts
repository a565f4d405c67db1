import { createRequire } from 'node:module';
import sharp from 'sharp';
import type { Point } from '../triton/core/crop-spec.ts';
import type { Box } from './core/detected-face.ts';

// A font file of our own: a bare machine has none, and labels would silently vanish.
const fontFile = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

/** One face to draw, in the upright photo's pixels. */
export type FaceNote = {
  readonly box: Box;
  readonly landmarks: readonly Point[];
  /** Written above the box; any text. */
  readonly label: string;
  /** CSS colour of box and label. */
  readonly colour: string;
};

/**
 * Draws boxes, landmarks and labels over a photo.
 * @param image encoded photo, of a format that sharp reads (no HEIC); EXIF orientation is applied
 * @returns JPEG bytes in the photo's own size
 */
export async function drawFaces(image: Uint8Array, notes: readonly FaceNote[]): Promise<Buffer> {
  const upright = sharp(image).autoOrient().flatten({ background: '#fff' });
  const { data, info } = await upright.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const stroke = Math.max(2, Math.round(Math.max(info.width, info.height) / 480));
  const shapes = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${info.width}" height="${info.height}">` +
      `${notes.map(note => outline(note, stroke)).join('')}</svg>`,
  );
  const labels = await Promise.all(notes.map(note => placeLabel(note, stroke, info)));
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
    .composite([{ input: shapes }, ...labels.filter(label => label !== null)])
    .jpeg({ quality: 88, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

function outline({ box: [x1, y1, x2, y2], landmarks, colour }: FaceNote, stroke: number): string {
  const points = landmarks.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="${stroke}" fill="${colour}"/>`).join('');
  const size = `width="${x2 - x1}" height="${y2 - y1}" rx="${3 * stroke}"`;
  return `<rect x="${x1}" y="${y1}" ${size} fill="none" stroke="${colour}" stroke-width="${stroke}"/>${points}`;
}

async function placeLabel(note: FaceNote, stroke: number, photo: { width: number; height: number }) {
  const markup = `<span foreground="white" background="${note.colour}"> ${escapeMarkup(note.label)} </span>`;
  const text = sharp({
    text: { text: markup, fontfile: fontFile, font: 'DejaVu Sans Bold', rgba: true, dpi: 54 * stroke },
  });
  const { data, info } = await text.png().toBuffer({ resolveWithObject: true });
  const left = Math.round(Math.min(Math.max(0, note.box[0]), photo.width - info.width));
  const top = Math.round(Math.min(Math.max(0, note.box[1] - info.height - stroke), photo.height - info.height));
  return left < 0 || top < 0 ? null : { input: data, left, top };
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
