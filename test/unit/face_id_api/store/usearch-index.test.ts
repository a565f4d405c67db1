import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { cosine } from '../../../../face_id_api/core/similarity.ts';
import { type Nearest, scoreTolerance } from '../../../../face_id_api/store/nearest.ts';
import { createUsearchIndex } from '../../../../face_id_api/store/usearch-index.ts';
import { killedModel, vectorFor } from '../../../regression/face_id_api/killed-enrolment.ts';
import { seeded } from '../../../seeded.ts';

const { dimension } = killedModel;
const keysOf = (...keys: number[]): Float64Array => Float64Array.from(keys);
const add = (index: ReturnType<typeof createUsearchIndex>, ...keys: number[]): void =>
  index.add(keysOf(...keys), Float32Array.from(keys.flatMap(key => [...vectorFor(key, 0)])));
const nearest = (index: ReturnType<typeof createUsearchIndex>, to: number, count: number): Nearest =>
  index.search([vectorFor(to, 0)], { depth: count, effort: 0, further: 0 })[0]!;

/** Draws vectors of length 1. */
function unitsFrom(random: () => number, values: number): () => Float32Array {
  return () => {
    const drawn = Array.from({ length: values }, () => random() - 0.5);
    return Float32Array.from(drawn, value => value / Math.hypot(...drawn));
  };
}

it('finds what was added, and nothing that was removed, also after the places were taken by others', () => {
  const index = createUsearchIndex(dimension);
  expect(nearest(index, 1, 3)).toEqual({ keys: keysOf(), scores: new Float32Array(0), all: true, effort: 0, size: 0 });
  add(index, 1, 2, 3, 4, 5);
  expect(nearest(index, 4, 1)).toMatchObject({ keys: keysOf(4), all: false });
  expect(nearest(index, 4, 9)).toMatchObject({ all: true, size: 5 });
  expect(index.remove(keysOf(2, 4, 99))).toBe(2);
  expect(index.size).toBe(3);
  expect([...nearest(index, 4, 9).keys].sort()).toEqual([1, 3, 5]);
  expect([...index.missing(keysOf(1, 2, 3, 4, 5))]).toEqual([2, 4]);
  add(index, 6, 7, 8);
  expect(index.size).toBe(6);
  expect([...nearest(index, 7, 9).keys].sort()).toEqual([1, 3, 5, 6, 7, 8]);
});

it('answers many probes as it answers each by itself, also once it has grown', () => {
  const index = createUsearchIndex(dimension);
  const look = { depth: 5, effort: 64, further: 128 };
  for (const upTo of [10, 3000]) {
    add(index, ...Array.from({ length: upTo }, (_, i) => upTo + i));
    const probes = Array.from({ length: 40 }, (_, i) => vectorFor(upTo + i, 1));
    const each = probes.flatMap(probe => index.search([probe], look));
    expect(index.search(probes, look)).toEqual(each);
    expect(each.every(({ keys }) => keys.length === 5)).toBe(true);
  }
  expect(index.search([], look)).toEqual([]);
});

it('looks further for those of whom nobody stands out', () => {
  const index = createUsearchIndex(128);
  const unit = unitsFrom(seeded(7), 128);
  const vectors = Array.from({ length: 1000 }, unit);
  index.add(keysOf(...vectors.keys()), Float32Array.from(vectors.flatMap(vector => [...vector])));
  const found = index.search([vectors[5]!, unit(), vectors[8]!, unit()], { depth: 20, effort: 64, further: 300 });
  expect(found.map(({ effort }) => effort)).toEqual([64, 300, 64, 300]);
  expect([found[0]!.keys[0], found[2]!.keys[0]]).toEqual([5, 8]);
  expect(found.every(({ keys }) => keys.length === 20)).toBe(true);
});

it.each([16, 128, 512])('scores within the tolerance that searches go by, at %i values', values => {
  const unit = unitsFrom(seeded(values), values);
  const index = createUsearchIndex(values);
  const vectors = Array.from({ length: 200 }, unit);
  index.add(keysOf(...vectors.keys()), Float32Array.from(vectors.flatMap(vector => [...vector])));
  let worst = 0;
  for (const probe of [...vectors.slice(0, 20), ...Array.from({ length: 20 }, unit)]) {
    const { keys, scores } = index.search([probe], { depth: 200, effort: 0, further: 0 })[0]!;
    expect(keys).toHaveLength(scores.length);
    for (const [i, key] of keys.entries()) {
      worst = Math.max(worst, Math.abs(scores[i]! - cosine(probe, 0, vectors[key]!, 0, values)));
    }
  }
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThan(scoreTolerance / 2);
});

it('saves no byte of what was removed, and knows after a load what it may overwrite', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'face-id-usearch-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = path.join(dir, 'index');
  const has = (key: number): boolean =>
    readFileSync(file).includes(Buffer.from(Float16Array.from(vectorFor(key, 0)).buffer));
  const index = createUsearchIndex(dimension);
  add(index, 1, 2, 3, 4, 5);
  index.save(file);
  expect([1, 2, 3, 4, 5].map(has)).toEqual([true, true, true, true, true]);
  index.remove(keysOf(2, 3));
  index.save(file);
  expect([1, 2, 3, 4, 5].map(has)).toEqual([true, false, false, true, true]);
  const bytes = readFileSync(file).length;

  const loaded = createUsearchIndex(dimension);
  loaded.load(file);
  expect(loaded.size).toBe(3);
  add(loaded, 6, 7);
  loaded.remove(keysOf(1));
  loaded.save(file);
  expect([1, 4, 5, 6, 7].map(has)).toEqual([false, true, true, true, true]);
  expect(loaded.size).toBe(4);
  // The two places were given to others: it has not grown by them.
  expect(readFileSync(file).length).toBe(bytes);
});
