import sharp from 'sharp';
import type { Box } from './core/detected-face.ts';

/**
 * Covers a photo except for the neighbourhood of one face: the box, grown by `margin` of its own size on every side. The photo keeps its size,
 * because a detector that sees the whole photo small finds a face less surely when it fills the picture.
 * @param image encoded photo; EXIF orientation is applied, `box` is in the upright photo's pixels
 * @returns JPEG bytes
 */
export async function isolateFace(image: Uint8Array, box: Box, margin: number): Promise<Buffer> {
  const { data, info } = await sharp(image).autoOrient().flatten().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const [x1, y1, x2, y2] = box;
  const grow = margin * Math.max(x2 - x1, y2 - y1);
  const left = Math.max(0, Math.floor(x1 - grow));
  const top = Math.max(0, Math.floor(y1 - grow));
  const region = {
    left,
    top,
    width: Math.min(width, Math.ceil(x2 + grow)) - left,
    height: Math.min(height, Math.ceil(y2 + grow)) - top,
  };
  const kept = await sharp(data, { raw: { width, height, channels } }).extract(region).png().toBuffer();
  return sharp({ create: { width, height, channels: 3, background: '#808080' } })
    .composite([{ input: kept, left, top }])
    .jpeg({ quality: 92 })
    .toBuffer();
}
