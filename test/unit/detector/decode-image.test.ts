import { existsSync, readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { RgbImage } from '../../../detector/core/rgb-image.ts';
import { decodeImage } from '../../../detector/decode-image.ts';

/** Three different quarters and a white one, so that a turn or a mirror shows. */
const red = [200, 30, 30];
const green = [30, 180, 40];
const blue = [40, 50, 210];
const white = [250, 250, 250];
const width = 48;
const height = 32;

const upright = sharp(
  Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = Math.trunc(i / 3);
    const left = pixel % width < width / 2;
    const top = pixel < (width * height) / 2;
    return (top ? (left ? red : green) : left ? blue : white)[i % 3]!;
  }),
  { raw: { width, height, channels: 3 } },
);

const decode = (bytes: Uint8Array, options = {}) => decodeImage(bytes, { maxSide: 0, ...options });

/** Middles of the four quarters: top left, top right, bottom left, bottom right. */
function quarters(image: RgbImage): number[][] {
  return [0.25, 0.75].flatMap(y =>
    [0.25, 0.75].map(x => {
      const at = (Math.trunc(y * image.height) * image.width + Math.trunc(x * image.width)) * 3;
      return [...image.data.subarray(at, at + 3)];
    }),
  );
}

function expectQuarters(image: RgbImage, expected: number[][], tolerance: number): void {
  quarters(image).forEach((colour, quarter) => {
    colour.forEach((value, channel) => {
      expect(Math.abs(value - expected[quarter]![channel]!)).toBeLessThanOrEqual(tolerance);
    });
  });
}

describe('formats', () => {
  test.each([
    ['JPEG', () => upright.clone().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }), 4],
    ['progressive JPEG', () => upright.clone().jpeg({ progressive: true, quality: 95 }), 6],
    ['PNG', () => upright.clone().png(), 0],
    ['interlaced PNG', () => upright.clone().png({ progressive: true }), 0],
    ['PNG with a palette', () => upright.clone().png({ palette: true }), 2],
    ['PNG of 16 bits', () => upright.clone().toColourspace('rgb16').png(), 1],
    ['WebP', () => upright.clone().webp({ lossless: true }), 0],
    ['GIF', () => upright.clone().gif(), 3],
    ['TIFF', () => upright.clone().tiff({ compression: 'lzw' }), 0],
    ['AVIF', () => upright.clone().avif({ quality: 90, chromaSubsampling: '4:4:4' }), 8],
  ])('%s', async (_name, make, tolerance) => {
    const { pixels, ...size } = await decode(await make().toBuffer());
    expect(size).toEqual({ width, height });
    expect(pixels.data.length).toBe(3 * width * height);
    expectQuarters(pixels, [red, green, blue, white], tolerance);
  });

  test('CMYK JPEG comes back as RGB, red red, green green, blue blue, white white', async () => {
    const cmyk = await upright.clone().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const colours = quarters((await decode(cmyk)).pixels);
    for (const channel of [0, 1, 2]) expect(Math.max(...colours[channel]!)).toBe(colours[channel]![channel]);
    expect(Math.min(...colours[3]!)).toBeGreaterThan(235);
  });

  test('grey becomes three equal channels, 8 and 16 bits', async () => {
    for (const space of ['b-w', 'grey16'] as const) {
      const grey = await upright.clone().greyscale().toColourspace(space).png().toBuffer();
      const { pixels } = await decode(grey);
      expect(pixels.data.length).toBe(3 * width * height);
      for (const [r, g, b] of quarters(pixels)) expect([g, b]).toEqual([r, r]);
    }
  });

  test('transparency is laid on white, never an error', async () => {
    const half = sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } },
    });
    const [colour] = quarters((await decode(await half.png().toBuffer())).pixels);
    expect(colour![0]).toBe(255);
    expect(Math.abs(colour![1]! - 127)).toBeLessThanOrEqual(1);
    const nothing = sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });
    expect(quarters((await decode(await nothing.webp({ lossless: true }).toBuffer())).pixels)[0]).toEqual([
      255, 255, 255,
    ]);
  });

  test('an animation gives its first frame', async () => {
    const frames = [red, green].map(([r, g, b]) => ({
      create: { width: 10, height: 6, channels: 3 as const, background: { r: r!, g: g!, b: b! } },
    }));
    const buffers = await Promise.all(frames.map(frame => sharp(frame).png().toBuffer()));
    const gif = await sharp(buffers, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    const { pixels } = await decode(gif);
    expect(pixels.height).toBe(6);
    expectQuarters(pixels, [red, red, red, red], 3);
  });
});

/** Where the stored image of each EXIF orientation holds the upright pixel (x, y). */
const storedAt: readonly ((x: number, y: number) => readonly [number, number])[] = [
  (x, y) => [x, y],
  (x, y) => [width - 1 - x, y],
  (x, y) => [width - 1 - x, height - 1 - y],
  (x, y) => [x, height - 1 - y],
  (x, y) => [y, x],
  (x, y) => [y, width - 1 - x],
  (x, y) => [height - 1 - y, width - 1 - x],
  (x, y) => [height - 1 - y, x],
];

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'EXIF orientation %i is applied, and the size is the upright one',
  async orientation => {
    const source = await upright.clone().raw().toBuffer();
    const storedWidth = orientation < 5 ? width : height;
    const stored = new Uint8Array(source.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [column, row] = storedAt[orientation - 1]!(x, y);
        const from = (y * width + x) * 3;
        stored.set(source.subarray(from, from + 3), (row * storedWidth + column) * 3);
      }
    }
    const raw = { width: storedWidth, height: orientation < 5 ? height : width, channels: 3 as const };
    const jpeg = { quality: 95, chromaSubsampling: '4:4:4' };
    const tagged = await sharp(stored, { raw }).withMetadata({ orientation }).jpeg(jpeg).toBuffer();
    expect((await sharp(tagged).metadata()).orientation).toBe(orientation);
    const decoded = await decode(tagged);
    expect([decoded.width, decoded.height]).toEqual([width, height]);
    expectQuarters(decoded.pixels, [red, green, blue, white], 6);
  },
);

describe('bounds', () => {
  test('more bytes than accepted are refused before anything is read', async () => {
    await expect(decode(new Uint8Array(11), { maxBytes: 10 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  test('a bomb of 200 megapixels is refused by its header', async () => {
    const create = { width: 20_000, height: 10_000, channels: 3 as const, background: '#345' };
    const bomb = await sharp({ create, limitInputPixels: false }).png({ compressionLevel: 9 }).toBuffer();
    expect(bomb.length).toBeLessThan(3_000_000);
    // The header alone is enough: the body is not even there.
    for (const bytes of [bomb, bomb.subarray(0, 1000)]) {
      await expect(decode(bytes)).rejects.toMatchObject({
        code: 'TOO_MANY_PIXELS',
        message: 'The image: expected at most 50000000 pixels, got 20000 × 10000',
      });
    }
  });

  test('exactly as many pixels as accepted pass', async () => {
    const bytes = await upright.clone().png().toBuffer();
    expect((await decode(bytes, { maxPixels: width * height })).width).toBe(width);
    await expect(decode(bytes, { maxPixels: width * height - 1 })).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' });
  });

  test('a larger photo is scaled down to maxSide and still says its own size', async () => {
    const bytes = await upright.clone().jpeg().toBuffer();
    const { pixels, ...size } = await decode(bytes, { maxSide: 24 });
    expect(size).toEqual({ width, height });
    expect([pixels.width, pixels.height]).toEqual([24, 16]);
    expect((await decode(bytes, { maxSide: 48 })).pixels.width).toBe(48);
  });

  test('a photo of a thousand to one keeps at least one pixel a side', async () => {
    const line = sharp({ create: { width: 4000, height: 2, channels: 3, background: '#fff' } });
    const { pixels } = await decode(await line.png().toBuffer(), { maxSide: 100 });
    expect([pixels.width, pixels.height]).toEqual([100, 1]);
  });
});

test('the pixels own their memory and can be transferred', async () => {
  const { pixels } = await decode(await upright.clone().png().toBuffer());
  const moved = structuredClone(pixels.data, { transfer: [pixels.data.buffer] });
  expect(moved.length).toBe(3 * width * height);
});

test('an embedded profile is converted to sRGB unless the pixels are wanted as stored', async () => {
  const p3 = await upright.clone().withIccProfile('p3').png().toBuffer();
  const stored = await sharp(p3, { ignoreIcc: true }).raw().toBuffer();
  expect([...(await decode(p3, { convertIcc: false })).pixels.data]).toEqual([...stored]);
  expectQuarters((await decode(p3)).pixels, [red, green, blue, white], 3);
  expect((await decode(p3)).pixels.data.some((value, i) => Math.abs(value - stored[i]!) > 8)).toBe(true);
});

describe('broken images', () => {
  const noise = Uint8Array.from({ length: 3 * 200 * 150 }, (_, i) => (i * 7919) % 251);
  const photo = () => sharp(noise, { raw: { width: 200, height: 150, channels: 3 } });

  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('a truncated %s is UNREADABLE', async format => {
    const whole = await photo().toFormat(format).toBuffer();
    for (const share of [0.2, 0.5, 0.9]) {
      const cut = whole.subarray(0, Math.trunc(whole.length * share));
      await expect(decode(cut)).rejects.toMatchObject({ code: 'UNREADABLE' });
    }
  });

  test('a JPEG head and nothing behind it is UNREADABLE', async () => {
    await expect(decode(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16))).rejects.toMatchObject({ code: 'UNREADABLE' });
  });

  test('bytes after the end of a JPEG do no harm', async () => {
    const whole = await photo().jpeg().toBuffer();
    expect((await decode(Buffer.concat([whole, Buffer.from('trailing')]))).width).toBe(200);
  });
});

const samples = new URL('../../../../shared/photos/png/', import.meta.url);

test.skipIf(!existsSync(samples))('PNGs with real alpha decode (skipped without ../shared/photos/png)', async () => {
  const names = readdirSync(samples).filter(name => name.endsWith('.png'));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const { pixels } = await decode(readFileSync(new URL(name, samples)));
    expect(pixels.data.length, name).toBe(3 * pixels.width * pixels.height);
  }
});
