import { expect, it } from 'vitest';
import { createOpenedVectors } from '../../../../face_id_api/encryption/opened-vectors.ts';
import { createVectorSeal } from '../../../../face_id_api/encryption/vector-seal.ts';

const seal = createVectorSeal(new Uint8Array(32).fill(5), () => 'fp');
const place = { gallery: 1, row: 'template:a' };
const row = { key: 1, gallery: 1, name: () => 'template:a' };
const vector = Float32Array.of(0.5, -0.5, 0.1);

function start() {
  let count = 0;
  const open: typeof seal.open = (...given) => {
    count += 1;
    return seal.open(...given);
  };
  return { opened: createOpenedVectors({ ...seal, open }), openings: () => count };
}

it('opens a vector once, until all are cleared', () => {
  const { opened, openings } = start();
  const bytes = seal.seal(vector, place);
  expect(opened.open(bytes, row)).toEqual(vector);
  // As another read of the row gives them.
  expect(opened.open(Uint8Array.from(bytes), row)).toEqual(vector);
  expect(openings()).toBe(1);
  opened.clear();
  expect(opened.open(bytes, row)).toEqual(vector);
  expect(openings()).toBe(2);
});

it('opens what was sealed anew in the place of what it knows', () => {
  const { opened } = start();
  opened.open(seal.seal(vector, place), row);
  const next = Float32Array.of(0, 1, 0);
  expect(opened.open(seal.seal(next, place), row)).toEqual(next);
});

it('gives no vector that was not sealed for the row, whatever is put there', () => {
  const { opened } = start();
  const bytes = seal.seal(vector, place);
  const refused = expect.objectContaining({ code: 'STORAGE_FAILED' });
  for (const at of [0, 12, bytes.length - 1]) {
    const changed = Uint8Array.from(bytes);
    changed[at]! ^= 1;
    expect(() => opened.open(changed, row), `before, at ${at}`).toThrow(refused);
    opened.open(bytes, row);
    if (at === 0) expect(() => opened.open(changed, row)).toThrow(refused);
    else expect(opened.open(changed, row), `known, at ${at}`).toEqual(vector);
    opened.clear();
  }
  opened.open(bytes, row);
  for (const elsewhere of [{ key: 2, name: () => 'template:b' }, { gallery: 2 }]) {
    expect(() => opened.open(bytes, { ...row, ...elsewhere })).toThrow(refused);
  }
});

it('holds only so many, the latest', () => {
  const { opened, openings } = start();
  const long = new Float32Array(1 << 20);
  const sealed = Array.from({ length: 9 }, (_, i) => ({
    bytes: seal.seal(long, { gallery: 1, row: `${i}` }),
    row: { key: i, gallery: 1, name: () => `${i}` },
  }));
  for (const one of sealed) opened.open(one.bytes, one.row);
  opened.open(sealed[8]!.bytes, sealed[8]!.row);
  expect(openings()).toBe(9);
  opened.open(sealed[0]!.bytes, sealed[0]!.row);
  expect(openings()).toBe(10);
});
