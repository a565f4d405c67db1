import sharp, { type Sharp } from 'sharp';
import { seeded } from '../seeded.ts';

/** What goes wrong with photos, done to a good one. */
export type PhotoFault = { readonly name: string; readonly apply: (photo: Buffer) => Promise<Buffer> };

/** How well a fault that changes pixels is kept afterwards. */
const quality = 92;

const jpeg = (image: Sharp): Promise<Buffer> => image.jpeg({ quality }).toBuffer();

const blur = (sigma: number): PhotoFault => ({
  name: `out of focus, σ ${sigma} px`,
  apply: photo => jpeg(sharp(photo).blur(sigma)),
});

const motion = (length: number): PhotoFault => ({
  name: `moved by ${length} px`,
  apply: photo =>
    jpeg(
      sharp(photo).convolve({ width: length, height: 3, kernel: [0, 1, 0].flatMap(row => Array(length).fill(row)) }),
    ),
});

/** Taken small, and made large again. */
const coarse = (part: number): PhotoFault => ({
  name: `enlarged from ${100 * part} %`,
  apply: async photo => {
    const { width = 0, height = 0 } = await sharp(photo).metadata();
    const small = await jpeg(sharp(photo).resize(Math.round(width * part)));
    return jpeg(sharp(small).resize(width, height, { kernel: 'cubic', fit: 'fill' }));
  },
});

const small = (part: number): PhotoFault => ({
  name: `scaled to ${100 * part} %`,
  apply: async photo => {
    const { width = 0 } = await sharp(photo).metadata();
    return jpeg(sharp(photo).resize(Math.round(width * part)));
  },
});

const exposed = (factor: number): PhotoFault => ({
  name: `${factor < 1 ? 'dark' : 'burnt out'}, × ${factor}`,
  apply: photo => jpeg(sharp(photo).linear(factor, 0)),
});

const hazy = (contrast: number): PhotoFault => ({
  name: `hazy, contrast × ${contrast}`,
  apply: photo => jpeg(sharp(photo).linear(contrast, (1 - contrast) * 160)),
});

const compressed = (jpegQuality: number): PhotoFault => ({
  name: `JPEG quality ${jpegQuality}`,
  apply: photo => sharp(photo).jpeg({ quality: jpegQuality }).toBuffer(),
});

const noisy = (deviation: number): PhotoFault => ({
  name: `noise, σ ${deviation} of 255`,
  apply: async photo => {
    const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const random = seeded(data.length);
    for (let i = 0; i < data.length; i++) {
      // Twelve uniform numbers are normal enough.
      let sum = -6;
      for (let k = 0; k < 12; k++) sum += random();
      data[i] = Math.min(255, Math.max(0, Math.round(data[i]! + deviation * sum)));
    }
    return jpeg(sharp(data, { raw: info }));
  },
});

export const photoFaults: readonly PhotoFault[] = [
  { name: 'as it is', apply: async photo => photo },
  ...[1, 2, 3, 4, 6].map(blur),
  ...[5, 9, 15].map(motion),
  ...[0.5, 0.25, 0.15].map(coarse),
  ...[0.6, 0.4].map(small),
  ...[0.5, 0.25, 0.12, 0.06].map(exposed),
  ...[2, 4].map(exposed),
  ...[0.4, 0.15].map(hazy),
  ...[20, 5].map(compressed),
  ...[15, 40].map(noisy),
];
