import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { compileLibheif } from '../../../detector/compile-libheif.ts';
import type { RgbImage } from '../../../detector/core/rgb-image.ts';
import { decodeHeic } from '../../../detector/decode-heic.ts';
import { decodeImage } from '../../../detector/decode-image.ts';

/** The files of heic/make-heic.py: quarters red, green, blue and white, from top left to bottom right. */
const file = (name: string): Buffer => readFileSync(new URL(`./heic/${name}.heic`, import.meta.url));

const red = [200, 30, 30];
const green = [30, 180, 40];
const blue = [40, 50, 210];
const white = [250, 250, 250];

const decode = (bytes: Uint8Array, options = {}) => decodeImage(bytes, { maxSide: 0, ...options });

function expectQuarters({ width, height, data }: RgbImage, expected: number[][], tolerance: number): void {
  const middles = [0.25, 0.75].flatMap(y => [0.25, 0.75].map(x => [Math.trunc(x * width), Math.trunc(y * height)]));
  middles.forEach(([x, y], quarter) => {
    const at = (y! * width + x!) * 3;
    data.subarray(at, at + 3).forEach((value, channel) => {
      expect(Math.abs(value - expected[quarter]![channel]!), `quarter ${quarter}`).toBeLessThanOrEqual(tolerance);
    });
  });
}

/** With `replacement` written over the first place where `text` stands, `offset` bytes behind its start. */
function patched(bytes: Buffer, text: string, offset: number, replacement: Buffer): Buffer {
  const at = bytes.indexOf(text);
  expect(at).toBeGreaterThan(0);
  const copy = Buffer.from(bytes);
  replacement.copy(copy, at + offset);
  return copy;
}

describe('what writers store', () => {
  test.each([
    ['plain', 96, 64],
    ['subsampled', 96, 64],
    ['ten-bit', 96, 64],
    ['grid', 192, 128],
    ['second-is-primary', 96, 64],
    ['mirrored', 96, 64],
    ['turned', 96, 64],
    ['turned-and-mirrored', 96, 64],
  ])('%s', async (name, width, height) => {
    const { pixels, ...size } = await decode(file(name));
    expect(size).toEqual({ width, height });
    expect(pixels.data.length).toBe(3 * width * height);
    expectQuarters(pixels, [red, green, blue, white], 4);
  });

  test('grey becomes three equal channels', async () => {
    const { pixels } = await decode(file('grey'));
    for (let i = 0; i < pixels.data.length; i += 3) {
      const [r, g, b] = pixels.data.subarray(i, i + 3);
      expect([g, b]).toEqual([r, r]);
    }
  });

  test('transparency is laid on white', async () => {
    const halfRed = red.map(value => value + (255 - value) * (127 / 255));
    expectQuarters((await decode(file('alpha'))).pixels, [halfRed, halfRed, halfRed, halfRed], 3);
  });

  test('an ICC profile is applied unless the pixels are wanted as stored', async () => {
    // Its red is sRGB's blue, and the other way round.
    const swapped = [red, green, blue, white].map(colour => colour.toReversed());
    expectQuarters((await decode(file('profile'))).pixels, swapped, 30);
    expectQuarters((await decode(file('profile'), { convertIcc: false })).pixels, [red, green, blue, white], 4);
  });

  test('a larger photo is scaled down to maxSide and still says its own size', async () => {
    const { pixels, ...size } = await decode(file('flat'), { maxSide: 200 });
    expect(size).toEqual({ width: 4000, height: 3000 });
    expect([pixels.width, pixels.height]).toEqual([200, 150]);
  });

  test.each(['heic', 'heix', 'hevc', 'mif1', 'msf1'])('the first brand %s', async brand => {
    const bytes = patched(file('plain'), 'ftyp', 4, Buffer.from(brand));
    expectQuarters((await decode(bytes)).pixels, [red, green, blue, white], 4);
  });
});

describe('orientation', () => {
  // Stored upside down; the last byte of `irot` says how often it is turned by 90°, anticlockwise (ISO/IEC 23008-12, 6.5.10).
  test.each([
    [0, 96, 64, [white, blue, green, red]],
    [1, 64, 96, [blue, red, white, green]],
    [2, 96, 64, [red, green, blue, white]],
    [3, 64, 96, [green, white, red, blue]],
  ])('turned %i times as HEIF says, whatever the EXIF entry says', async (turns, width, height, expected) => {
    const bytes = patched(file('turned'), 'irot', 4, Buffer.from([turns]));
    expect(bytes.includes('Exif\0\0')).toBe(true);
    const { pixels, ...size } = await decode(bytes);
    expect(size).toEqual({ width, height });
    expectQuarters(pixels, expected, 4);
  });
});

describe('bounds', () => {
  test('a header that says more pixels than accepted is refused, in the words of every format', async () => {
    const size = Buffer.alloc(8);
    size.writeUInt32BE(20_000, 0);
    size.writeUInt32BE(10_000, 4);
    await expect(decode(patched(file('plain'), 'ispe', 8, size))).rejects.toMatchObject({
      code: 'TOO_MANY_PIXELS',
      message: 'The image: expected at most 50000000 pixels, got 20000 × 10000',
    });
    await expect(decode(file('plain'), { maxPixels: 96 * 64 - 1 })).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' });
    expect((await decode(file('plain'), { maxPixels: 96 * 64 })).width).toBe(96);
  });

  test('more pixels behind a small header are not decoded', async () => {
    const size = Buffer.alloc(8);
    size.writeUInt32BE(16, 0);
    size.writeUInt32BE(16, 4);
    const lying = patched(file('flat'), 'ispe', 8, size);
    await expect(decode(lying)).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' });
  });

  const options = { maxPixels: 50_000_000, maxSeconds: 60, signal: new AbortController().signal };

  test('memory beyond the bound is refused', async () => {
    await expect(decodeHeic(file('flat'), { ...options, maxMemoryBytes: 40 << 20 })).rejects.toMatchObject({
      code: 'TOO_MANY_PIXELS',
      message: 'The image takes more memory to decode than is allowed',
    });
    expect((await decodeHeic(file('flat'), { ...options, maxMemoryBytes: 256 << 20 })).length).toBeGreaterThan(36e6);
  });

  const thread = (name: string): URL => new URL(`./heic-threads/${name}.ts`, import.meta.url);

  test('a decoder that takes too long is stopped', async () => {
    const threadFile = thread('never-answers');
    await expect(decodeHeic(file('plain'), { ...options, maxSeconds: 0.5, threadFile })).rejects.toMatchObject({
      code: 'DEADLINE',
    });
  });

  test("whoever does not wait any longer gets their signal's reason, and the decoder is stopped", async () => {
    const threadFile = thread('never-answers');
    const leaving = new AbortController();
    const reason = new Error('the client has gone');
    setTimeout(() => leaving.abort(reason), 500);
    const { signal } = leaving;
    await expect(decodeHeic(file('plain'), { ...options, signal, threadFile })).rejects.toBe(reason);
    await expect(decodeHeic(file('plain'), { ...options, signal })).rejects.toBe(reason);
  });

  test.each(['throws', 'exits'])('a thread that %s is INTERNAL, and the next photo has another', async name => {
    await expect(decodeHeic(file('plain'), { ...options, threadFile: thread(name) })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'The decoder for HEIC failed',
    });
    expectQuarters((await decode(file('plain'))).pixels, [red, green, blue, white], 4);
  });

  test('more at once than there are places wait for one', async () => {
    const sizes = await Promise.all(Array.from({ length: 6 }, () => decode(file('plain'))));
    expect(sizes.map(({ width }) => width)).toEqual([96, 96, 96, 96, 96, 96]);
  });
});

test('without the package HEIC is refused in words', async () => {
  await expect(compileLibheif('not-installed-here/libheif.wasm')).rejects.toMatchObject({
    code: 'UNSUPPORTED_IMAGE',
    message: 'The image: HEIC is not decoded here, libheif-js is not installed',
  });
});

describe('broken files', () => {
  test.each(['plain', 'grid', 'alpha', 'flat'])('%s, truncated, is UNREADABLE', async name => {
    const whole = file(name);
    for (const share of [0.1, 0.2, 0.5, 0.9]) {
      const cut = whole.subarray(0, Math.trunc(whole.length * share));
      await expect(decode(cut), `${share}`).rejects.toMatchObject({ code: 'UNREADABLE' });
    }
  });

  test('a head and nothing behind it is UNREADABLE', async () => {
    await expect(decode(file('plain').subarray(0, 24))).rejects.toMatchObject({ code: 'UNREADABLE' });
  });

  test('another codec behind the brand of HEVC is UNSUPPORTED_IMAGE', async () => {
    const create = { width: 32, height: 32, channels: 3 as const, background: '#345' };
    const avif = await sharp({ create }).avif().toBuffer();
    await expect(decode(patched(avif, 'ftyp', 4, Buffer.from('heic')))).rejects.toMatchObject({
      code: 'UNSUPPORTED_IMAGE',
      message: 'The image: expected HEIC coded as HEVC, got another kind of HEIF',
    });
  });
});
