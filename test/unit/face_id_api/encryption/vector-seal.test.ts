import { describe, expect, it } from 'vitest';
import { createVectorSeal, plainVectors } from '../../../../face_id_api/encryption/vector-seal.ts';

const dataKey = new Uint8Array(32).fill(5);
const place = { gallery: 1, row: 'template:a' };
const vector = Float32Array.of(0.5, -0.5, 0.1, 1e-9);
const seal = createVectorSeal(dataKey, gallery => `fp-${gallery}`);
const refused = expect.objectContaining({
  code: 'STORAGE_FAILED',
  message: expect.stringContaining('cannot be decrypted'),
});

function reasonOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('a sealed vector', () => {
  it('is opened in its place to the bit', () => {
    expect([...seal.open(seal.seal(vector, place), place)]).toEqual([...vector]);
  });

  it('has a nonce and a tag of its own each time, and no byte of the plain one', () => {
    const plain = Buffer.from(vector.buffer);
    const sealed = Array.from({ length: 600 }, () => Buffer.from(seal.seal(vector, place)));
    expect(sealed.every(bytes => bytes.length === plain.length + 28)).toBe(true);
    expect(new Set(sealed.map(bytes => bytes.subarray(0, 12).toString('hex'))).size).toBe(600);
    for (const bytes of sealed)
      for (let i = 0; i < plain.length; i += 4) expect(bytes.includes(plain.subarray(i, i + 4))).toBe(false);
  });

  it.each([
    ['another row', { ...place, row: 'template:b' }],
    ['another table', { ...place, row: 'person:a' }],
    ['another gallery', { ...place, gallery: 2 }],
  ])('does not open in %s', (_, elsewhere) => {
    const bytes = seal.seal(vector, place);
    expect(reasonOf(() => seal.open(bytes, elsewhere))).toEqual(refused);
  });

  it('does not open for another model, nor under another data key', () => {
    const bytes = seal.seal(vector, place);
    expect(reasonOf(() => createVectorSeal(dataKey, () => 'fp-other').open(bytes, place))).toEqual(refused);
    const other = createVectorSeal(new Uint8Array(32).fill(6), gallery => `fp-${gallery}`);
    expect(reasonOf(() => other.open(bytes, place))).toEqual(refused);
  });

  it('does not open with any bit flipped, cut off, or in plain', () => {
    const bytes = seal.seal(vector, place);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(reasonOf(() => seal.open(flipped, place))).toEqual(refused);
    }
    for (const length of [0, 11, 12, 27, 28, bytes.length - 1]) {
      expect(reasonOf(() => seal.open(bytes.subarray(0, length), place))).toEqual(refused);
    }
    expect(reasonOf(() => seal.open(plainVectors.seal(vector, place), place))).toEqual(refused);
  });
});
