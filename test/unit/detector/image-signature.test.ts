import { expect, test } from 'vitest';
import { checkSignature } from '../../../detector/image-signature.ts';

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));

test.each([
  ['HEIF of another codec', bytes([0, 0, 0, 24], 'ftypmif1', [0, 0, 0, 0], 'mif1vvic')],
  ['HEIF that does not say which codec', bytes([0, 0, 0, 20], 'ftypmif1', [0, 0, 0, 0], 'miaf')],
  ['SVG', bytes('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
  ['SVG behind an XML head', bytes('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['text that is called .jpg', bytes('not an image at all')],
  ['PDF', bytes('%PDF-1.7\n1 0 obj')],
  ['BMP', bytes('BM', [70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0])],
  ['ZIP', bytes('PK', [3, 4, 20, 0, 0, 0, 0, 0], 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')],
  ['one byte', bytes([255])],
  ['nothing', bytes()],
])('%s is refused by its first bytes, naming what is accepted', async (_name, given) => {
  await expect(checkSignature(given)).rejects.toMatchObject({
    code: 'UNSUPPORTED_IMAGE',
    message: expect.stringContaining('expected JPEG, PNG, WebP, GIF, TIFF, AVIF, HEIC, got '),
  });
});

test('a format is known by its bytes', async () => {
  expect(await checkSignature(bytes([0xff, 0xd8, 0xff, 0xe0], 'JFIF'))).toBe('JPEG');
  expect(await checkSignature(bytes('GIF89a', [1, 0, 1, 0, 0, 0, 0]))).toBe('GIF');
  expect(await checkSignature(bytes([0, 0, 0, 28], 'ftypavif', [0, 0, 0, 0], 'mif1avif'))).toBe('AVIF');
  expect(await checkSignature(bytes([0, 0, 0, 24], 'ftypheic', [0, 0, 0, 0], 'mif1heic'))).toBe('HEIC');
  expect(await checkSignature(bytes([0, 0, 0, 16], 'ftyphevx', [0, 0, 0, 0]))).toBe('HEIC');
});

test('where the first brand says only that it is HEIF, the others say of which codec', async () => {
  expect(await checkSignature(bytes([0, 0, 0, 24], 'ftypmif1', [0, 0, 0, 0], 'miafheic'))).toBe('HEIC');
  expect(await checkSignature(bytes([0, 0, 0, 24], 'ftypmsf1', [0, 0, 0, 0], 'miafhevc'))).toBe('HEIC');
  expect(await checkSignature(bytes([0, 0, 0, 24], 'ftypmif1', [0, 0, 0, 0], 'miafavif'))).toBe('AVIF');
});

test('a TIFF that was cut before its directory is still a TIFF', async () => {
  expect(await checkSignature(bytes('II*', [0, 0, 255, 0, 0, 1, 2, 3]))).toBe('TIFF');
  expect(await checkSignature(bytes('MM', [0, 42, 0, 255, 0, 0, 1, 2, 3]))).toBe('TIFF');
});
