import sharp, { type Metadata, type Sharp } from 'sharp';
import { imageLimits } from './core/image-limits.ts';
import type { RgbImage } from './core/rgb-image.ts';
import { isSrgbProfile } from './core/srgb-profile.ts';
import { decodeHeic } from './decode-heic.ts';
import { ServiceError } from './errors.ts';
import { checkSignature } from './image-signature.ts';

// A service never decodes the same photo twice; the cache would only hold memory.
sharp.cache(false);

export type DecodeOptions = {
  /** Longest side of the result; larger photos are scaled down. 0: full resolution. */
  readonly maxSide: number;
  readonly maxBytes?: number;
  readonly maxPixels?: number;
  readonly maxSeconds?: number;
  /** false: pixels as stored, the embedded colour profile ignored (as Pillow decodes). Default: converted to sRGB. */
  readonly convertIcc?: boolean;
  /** Memory for the pixels, of at least so many bytes, with anything in it. Default: a new buffer. */
  readonly takeBuffer?: (byteLength: number) => ArrayBuffer;
  /** Gives up on a HEIC, whose decoding takes long, with its reason. The other formats are decoded to the end. */
  readonly signal?: AbortSignal;
};

export type DecodedImage = {
  /** Upright, on white where it was transparent. Its bytes lie at the start of an ArrayBuffer that can be transferred to a thread. */
  readonly pixels: RgbImage & { readonly data: Uint8Array<ArrayBuffer> };
  /** The upright photo's own size, before it was scaled down. */
  readonly width: number;
  readonly height: number;
};

/**
 * Encoded bytes to upright 8-bit sRGB: EXIF orientation applied, alpha flattened, 16 bits and grey brought to 3 × 8, the first
 * frame of an animation, a HEIC's primary image. Bounds are checked on the length and the header, before memory is taken. Rejects
 * with UNSUPPORTED_IMAGE, TOO_LARGE, TOO_MANY_PIXELS, UNREADABLE (truncated, broken) or DEADLINE; a HEIC also with OVERLOADED or
 * the signal's reason.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions): Promise<DecodedImage> {
  const { maxBytes = imageLimits.maxBytes } = options;
  if (bytes.byteLength > maxBytes) throw new ServiceError('TOO_LARGE', `The image: expected at most ${maxBytes} bytes`);
  const format = await checkSignature(bytes);
  if (format !== 'HEIC') return await decodeWithSharp(bytes, options);
  const tiff = await decodeHeic(bytes, {
    maxPixels: options.maxPixels ?? imageLimits.maxPixels,
    maxSeconds: options.maxSeconds ?? imageLimits.maxHeicSeconds,
    signal: options.signal ?? new AbortController().signal,
  });
  try {
    return await decodeWithSharp(tiff, options);
  } finally {
    free(tiff);
  }
}

async function decodeWithSharp(bytes: Uint8Array, options: DecodeOptions): Promise<DecodedImage> {
  const { maxSide, maxPixels = imageLimits.maxPixels } = options;
  const header = await readHeader(bytes);
  const { width, height } = uprightSize(header, maxPixels);
  const input = sharp(bytes, {
    // Harmless warnings are forgiven; missing or broken data is not.
    failOn: 'error',
    // The header was compared above, where the answer can say the numbers; this guards the decoder itself.
    limitInputPixels: maxPixels,
    sequentialRead: true,
    // Converting sRGB to sRGB changes nothing and takes as long as the decoding.
    ignoreIcc: options.convertIcc === false || (header.icc !== undefined && isSrgbProfile(header.icc)),
    pages: 1,
  }).timeout({ seconds: options.maxSeconds ?? imageLimits.maxSeconds });
  const scaled = scaleDown(input.autoOrient(), width, height, maxSide);
  const pixels = await readPixels(scaled, options.takeBuffer);
  return { pixels, width, height };
}

/** Without a pixel limit of its own, so that a header of any size can be read and refused in words. */
async function readHeader(bytes: Uint8Array): Promise<Metadata> {
  try {
    return await sharp(bytes, { failOn: 'error', limitInputPixels: false, pages: 1 }).metadata();
  } catch (error) {
    throw toServiceError(error);
  }
}

function uprightSize({ autoOrient }: Metadata, maxPixels: number): { width: number; height: number } {
  const { width, height } = autoOrient;
  if (width * height > maxPixels) {
    throw new ServiceError(
      'TOO_MANY_PIXELS',
      `The image: expected at most ${maxPixels} pixels, got ${width} × ${height}`,
    );
  }
  return { width, height };
}

function scaleDown(image: Sharp, width: number, height: number, maxSide: number): Sharp {
  const longer = Math.max(width, height);
  if (maxSide === 0 || longer <= maxSide) return image;
  return image.resize({
    width: Math.max(1, Math.round((width * maxSide) / longer)),
    height: Math.max(1, Math.round((height * maxSide) / longer)),
    fit: 'fill',
    // Shrinking while loading leaves at least a factor of two to the real filter: more would move small faces.
    fastShrinkOnLoad: false,
  });
}

async function readPixels(
  image: Sharp,
  takeBuffer: (byteLength: number) => ArrayBuffer = byteLength => new ArrayBuffer(byteLength),
): Promise<DecodedImage['pixels']> {
  try {
    const { data, info } = await image
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`expected 3 channels, got ${info.channels}`);
    // sharp's buffer belongs to native code and cannot be transferred; that of its toUint8Array is never freed once it was.
    const owned = new Uint8Array(takeBuffer(data.length), 0, data.length);
    owned.set(data);
    free(data);
    return { width: info.width, height: info.height, data: owned };
  } catch (error) {
    throw toServiceError(error);
  }
}

/**
 * Gives decoded pixels back at once. Waiting for the garbage collector would bring it: megabytes that it does not manage make V8
 * collect everything, 30 to 60 ms of processor time with every photo.
 */
function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** libvips says in words what happened; these words have stood for years, and tests hold them. */
function toServiceError(error: unknown): ServiceError {
  const message = error instanceof Error ? error.message : '';
  if (/pixel limit/i.test(message)) {
    return new ServiceError('TOO_MANY_PIXELS', 'The image has more pixels than are accepted', { cause: error });
  }
  if (/timeout/i.test(message)) {
    return new ServiceError('DEADLINE', 'The image took longer to decode than allowed', { cause: error });
  }
  return new ServiceError('UNREADABLE', 'The image is truncated or broken', { cause: error });
}
