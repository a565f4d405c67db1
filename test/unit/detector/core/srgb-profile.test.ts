import sharp from 'sharp';
import { expect, test } from 'vitest';
import { isSrgbProfile } from '../../../../detector/core/srgb-profile.ts';

async function profileOf(name: string): Promise<Uint8Array> {
  const image = sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } });
  const { icc } = await sharp(await image.withIccProfile(name).jpeg().toBuffer()).metadata();
  return icc!;
}

/** A profile with one description tag and nothing else. */
function profile(description: Buffer): Uint8Array {
  const bytes = Buffer.alloc(144 + description.length);
  bytes.writeUInt32BE(1, 128);
  bytes.write('desc', 132, 'latin1');
  bytes.writeUInt32BE(144, 136);
  bytes.writeUInt32BE(description.length, 140);
  description.copy(bytes, 144);
  return bytes;
}

test('sRGB is known by its name, another profile is not it', async () => {
  expect(isSrgbProfile(await profileOf('srgb'))).toBe(true);
  expect(isSrgbProfile(await profileOf('p3'))).toBe(false);
});

test('the description may be ASCII or UTF-16, and only the description counts', () => {
  expect(isSrgbProfile(profile(Buffer.from('desc\0\0\0\0sRGB IEC61966-2.1\0')))).toBe(true);
  expect(isSrgbProfile(profile(Buffer.from('mluc\0\0\0\0enUS\0s\0R\0G\0B', 'latin1')))).toBe(true);
  expect(isSrgbProfile(profile(Buffer.from('Adobe RGB (1998)')))).toBe(false);
  expect(isSrgbProfile(Buffer.concat([profile(Buffer.from('Wide')), Buffer.from('sRGB')]))).toBe(false);
});

test('whatever is cut or lies about its lengths is not sRGB', () => {
  const whole = profile(Buffer.from('sRGB'));
  for (const length of [0, 4, 100, 131, 140, 144]) expect(isSrgbProfile(whole.subarray(0, length))).toBe(false);
  const lying = Buffer.from(whole);
  lying.writeUInt32BE(0xffff_ffff, 128);
  lying.write('xxxx', 132, 'latin1');
  expect(isSrgbProfile(lying)).toBe(false);
  lying.write('desc', 132, 'latin1');
  lying.writeUInt32BE(0xffff_fff0, 136);
  expect(isSrgbProfile(lying)).toBe(false);
});
