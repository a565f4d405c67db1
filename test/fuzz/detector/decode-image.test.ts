import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { decodeImage } from '../../../detector/decode-image.ts';
import { type ErrorCode, ServiceError } from '../../../detector/errors.ts';
import { samplePhotos } from '../../end_to_end/test-models.ts';
import { fuzz, resultOr } from '../fuzz.ts';
import { mutated } from '../mutate.ts';

const photo = await readFile(path.join(samplePhotos, 'sample1.jpg'));
const small = (): Sharp => sharp(photo).resize(72, 48);
const noise = { create: { width: 9, height: 7, channels: 4, background: '#8a4f' } } as const;

/** Every accepted format, in several of the ways in which each is written. */
const files = await Promise.all(
  [
    small().jpeg(),
    small().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
    small().jpeg().withMetadata({ orientation: 6 }),
    small().withIccProfile('p3').jpeg(),
    small().toColourspace('cmyk').jpeg(),
    small().greyscale().jpeg(),
    small().png(),
    small().png({ palette: true, progressive: true }),
    small().toColourspace('rgb16').png(),
    sharp(noise).png(),
    small().webp(),
    small().webp({ lossless: true }),
    sharp(noise).webp({ alphaQuality: 50 }),
    small().gif(),
    small().tiff({ compression: 'lzw' }),
    small().tiff({ compression: 'jpeg', pyramid: true, tile: true, tileWidth: 32, tileHeight: 32 }),
    small().tiff({ compression: 'deflate', predictor: 'horizontal' }),
    small().avif({ effort: 0 }),
  ].map(image => image.toBuffer()),
);

/** They have a decoder of their own, and each a thread of its own. */
const heicFolder = new URL('../../unit/detector/heic/', import.meta.url);
const heicNames = ['plain', 'grid', 'alpha', 'ten-bit', 'profile', 'turned', 'second-is-primary'];
const heics = await Promise.all(heicNames.map(name => readFile(new URL(`${name}.heic`, heicFolder))));

const expected: readonly ErrorCode[] = ['UNSUPPORTED_IMAGE', 'TOO_LARGE', 'TOO_MANY_PIXELS', 'UNREADABLE', 'DEADLINE'];
const maxSide = 64;

async function decodes(bytes: Uint8Array): Promise<void> {
  const decoded = await resultOr(
    () => decodeImage(bytes, { maxSide, maxPixels: 4_000_000 }),
    (error): error is ServiceError => error instanceof ServiceError,
  );
  if (decoded instanceof ServiceError) {
    expect(expected).toContain(decoded.code);
    return;
  }
  const { pixels, width, height } = decoded;
  expect(width * height).toBeLessThanOrEqual(4_000_000);
  expect(Math.max(pixels.width, pixels.height)).toBeLessThanOrEqual(maxSide);
  expect(pixels.data.length).toBe(3 * pixels.width * pixels.height);
}

test('every format is decoded as it is', async () => {
  for (const file of [...files, ...heics]) await expect(decodeImage(file, { maxSide: 0 })).resolves.toBeDefined();
});

test('a damaged image is decoded or refused with a code of ours', async () => {
  await fuzz(mutated(files), decodes);
});

test('a damaged HEIC is decoded or refused with a code of ours', async () => {
  await fuzz(mutated(heics), decodes, 5);
});

test('bytes behind the beginning of a format are decoded or refused with a code of ours', async () => {
  const heads = fc.constantFrom(...files.map(file => file.subarray(0, 16)));
  const anything = fc.tuple(heads, fc.uint8Array({ maxLength: 300 })).map(parts => Buffer.concat(parts));
  await fuzz(anything, decodes);
});
