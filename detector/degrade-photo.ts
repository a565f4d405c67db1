import sharp, { type Sharp } from 'sharp';
import { ServiceError } from './errors.ts';

/** What commonly is wrong with a photo, one fault each. */
export const photoFaults = ['blur', 'rotation', 'low_resolution', 'jpeg', 'darkness'] as const;

export type PhotoFault = (typeof photoFaults)[number];

/** How strong each fault is. Sizes are shares of the photo's shorter side, so that a larger photo is spoilt as much as a small one. */
export const faultStrengths = {
  /** Standard deviation of a Gaussian: 4 px in a photo of 250. */
  blurShare: 0.016,
  /** Clockwise, about the middle; the corners are filled with grey. */
  rotationDegrees: 30,
  /** The photo is scaled down to this share of its sides and up again: a face of 100 px keeps 20. */
  resolutionShare: 0.2,
  jpegQuality: 20,
  /** Factor of the sRGB values, about a thirtieth of the light. What it rounds away is lost. */
  brightness: 0.2,
} as const;

/** What each fault does, in words. */
export const faultNames: Readonly<Record<PhotoFault, string>> = {
  blur: `blur, σ ${100 * faultStrengths.blurShare} % of the shorter side`,
  rotation: `turned by ${faultStrengths.rotationDegrees}°`,
  low_resolution: `1/${1 / faultStrengths.resolutionShare} of the resolution`,
  jpeg: `JPEG quality ${faultStrengths.jpegQuality}`,
  darkness: `${100 * faultStrengths.brightness} % of the brightness`,
};

/**
 * A photo with one fault added; the same bytes in give the same bytes out.
 * @param image encoded photo, of a format that sharp reads (no HEIC); EXIF orientation is applied
 * @returns PNG, which adds no fault of its own, except for `jpeg`. Same size, but for `rotation`, which grows the canvas
 * @throws ServiceError UNREADABLE
 */
export async function degradePhoto(image: Uint8Array, fault: PhotoFault): Promise<Buffer> {
  const { data, info } = await readPixels(image);
  const { width, height, channels } = info;
  const photo = (): Sharp => sharp(data, { raw: { width, height, channels } });
  const shorter = Math.min(width, height);
  switch (fault) {
    case 'blur':
      return toPng(photo().blur({ sigma: Math.max(0.3, faultStrengths.blurShare * shorter) }));
    case 'rotation':
      return toPng(photo().rotate(faultStrengths.rotationDegrees, { background: '#808080' }));
    case 'low_resolution': {
      const small = [width, height].map(side => Math.max(1, Math.round(side * faultStrengths.resolutionShare)));
      const scaled = await photo().resize(small[0], small[1], { fit: 'fill' }).raw().toBuffer();
      const raw = { width: small[0]!, height: small[1]!, channels };
      return toPng(sharp(scaled, { raw }).resize(width, height, { fit: 'fill', kernel: 'cubic' }));
    }
    case 'jpeg':
      return photo().jpeg({ quality: faultStrengths.jpegQuality }).toBuffer();
    case 'darkness':
      return toPng(photo().linear(faultStrengths.brightness, 0));
  }
}

async function readPixels(image: Uint8Array) {
  try {
    const upright = sharp(image).autoOrient().flatten().toColourspace('srgb').removeAlpha();
    return await upright.raw().toBuffer({ resolveWithObject: true });
  } catch (cause) {
    throw new ServiceError('UNREADABLE', 'the photo cannot be read', { cause });
  }
}

/** Packed lightly: it is read once and thrown away. */
function toPng(photo: Sharp): Promise<Buffer> {
  return photo.png({ compressionLevel: 1 }).toBuffer();
}
