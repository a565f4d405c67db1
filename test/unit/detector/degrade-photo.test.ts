import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { degradePhoto, faultNames, faultStrengths, photoFaults } from '../../../detector/degrade-photo.ts';

const side = 100;

/** Black and white stripes of two pixels, grey around a white square in the middle: detail, and a mark that moves. */
async function stripes(width = side, height = side): Promise<Buffer> {
  const pixels = Buffer.alloc(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.fill(x % 4 < 2 ? 40 : 200, 3 * (y * width + x), 3 * (y * width + x) + 3);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

async function pixelsOf(image: Buffer) {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number => data[3 * (y * info.width + x)]!;
  const row = Array.from({ length: info.width }, (_, x) => at(x, Math.floor(info.height / 2)));
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const deviation = Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length);
  return { ...info, at, mean, deviation };
}

describe('degradePhoto', () => {
  it.each(photoFaults)('adds %s the same way each time, and says how strong', async fault => {
    const photo = await stripes();
    const spoilt = await degradePhoto(photo, fault);
    expect(spoilt.equals(await degradePhoto(photo, fault))).toBe(true);
    expect((await sharp(spoilt).metadata()).format).toBe(fault === 'jpeg' ? 'jpeg' : 'png');
    expect(faultNames[fault]).toMatch(/\d/);
  });

  it('blurs until stripes far finer than σ are gone', async () => {
    const before = await pixelsOf(await stripes());
    const after = await pixelsOf(await degradePhoto(await stripes(), 'blur'));
    expect([after.width, after.height]).toEqual([side, side]);
    // A Gaussian of σ = 1.6 px leaves exp(−2π²σ²/4²) = 4 % of a wave of 4 px; libvips cuts its kernel off, which leaves more.
    expect(after.deviation / before.deviation).toBeLessThan(0.2);
    expect(Math.abs(after.mean - before.mean)).toBeLessThan(3);
  });

  it('blurs a larger photo as much, for its size', async () => {
    const large = await pixelsOf(await degradePhoto(await stripes(400, 400), 'blur'));
    const small = await pixelsOf(await degradePhoto(await stripes(), 'blur'));
    expect(large.deviation).toBeLessThan(small.deviation);
  });

  it('turns about the middle, clockwise, on a canvas that grows', async () => {
    const size = 101;
    const mark = { left: 95, top: 50 };
    const photo = await sharp({ create: { width: size, height: size, channels: 3, background: '#000' } })
      .composite([
        {
          input: await sharp({ create: { width: 3, height: 3, channels: 3, background: '#fff' } })
            .png()
            .toBuffer(),
          ...mark,
        },
      ])
      .png()
      .toBuffer();
    const { width, height, at } = await pixelsOf(await degradePhoto(photo, 'rotation'));
    const angle = (faultStrengths.rotationDegrees * Math.PI) / 180;
    expect(width).toBeCloseTo(size * (Math.cos(angle) + Math.sin(angle)), -1);
    expect(height).toBe(width);
    // Right of the middle before: 46 px along the angle now, downwards.
    const [x, y] = [width / 2 + 46 * Math.cos(angle), height / 2 + 46 * Math.sin(angle)];
    expect(at(Math.round(x), Math.round(y))).toBeGreaterThan(120);
    expect(at(0, 0)).toBe(0x80);
  });

  it('scales down and up again: the size stays, the detail goes', async () => {
    const before = await pixelsOf(await stripes(200, 100));
    const after = await pixelsOf(await degradePhoto(await stripes(200, 100), 'low_resolution'));
    expect([after.width, after.height]).toEqual([200, 100]);
    expect(after.deviation / before.deviation).toBeLessThan(0.3);
  });

  it('keeps a smooth photo of any size through a fifth of its resolution', async () => {
    const tiny = await sharp({ create: { width: 2, height: 3, channels: 3, background: '#808080' } })
      .png()
      .toBuffer();
    const after = await pixelsOf(await degradePhoto(tiny, 'low_resolution'));
    expect([after.width, after.height, after.at(0, 0)]).toEqual([2, 3, 0x80]);
  });

  it('takes light away in proportion', async () => {
    const { at } = await pixelsOf(await degradePhoto(await stripes(), 'darkness'));
    expect(at(0, 50)).toBe(40 * faultStrengths.brightness);
    expect(at(2, 50)).toBe(200 * faultStrengths.brightness);
  });

  it('packs as JPEG of the quality that is named', async () => {
    const photo = await stripes();
    const same = await sharp(photo).jpeg({ quality: faultStrengths.jpegQuality }).toBuffer();
    expect((await degradePhoto(photo, 'jpeg')).equals(same)).toBe(true);
  });

  it('stands upright what the camera laid down', async () => {
    const lying = await sharp(await stripes(40, 20))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { width, height } = await pixelsOf(await degradePhoto(lying, 'darkness'));
    expect([width, height]).toEqual([20, 40]);
  });

  it('says of what is no photo that it cannot be read', async () => {
    await expect(degradePhoto(Buffer.from('no photo'), 'blur')).rejects.toMatchObject({ code: 'UNREADABLE' });
  });
});
