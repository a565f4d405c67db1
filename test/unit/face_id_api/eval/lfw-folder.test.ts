import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EvaluationError } from '../../../../face_id_api/eval/evaluation-error.ts';
import { checkNobodyInBoth, imagesFolder, photosOf, readPairs } from '../../../../face_id_api/eval/lfw-folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pairs-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function listOf(text: string, name = 'pairs.txt') {
  await writeFile(path.join(folder, name), text);
  return readPairs(path.join(folder, name));
}

describe('readPairs', () => {
  it('reads pairs of one person and of two', async () => {
    expect(await listOf('1\nAnn_Lee\t1\t12\nAnn_Lee\t3\tBob\t4\n')).toEqual({
      name: 'pairs.txt',
      sets: 1,
      pairs: [
        { first: 'Ann_Lee/Ann_Lee_0001.jpg', second: 'Ann_Lee/Ann_Lee_0012.jpg', samePerson: true, set: 0, line: 2 },
        { first: 'Ann_Lee/Ann_Lee_0003.jpg', second: 'Bob/Bob_0004.jpg', samePerson: false, set: 0, line: 3 },
      ],
    });
  });

  it('keeps the sets of a list that has several', async () => {
    const { sets, pairs } = await listOf('2 1\nAnn 1 2\nAnn 1 Bob 1\nEve 1 2\nEve 1 Joe 1\n');
    expect(sets).toBe(2);
    expect(pairs.map(({ set }) => set)).toEqual([0, 0, 1, 1]);
  });

  it.each([
    ['1\nAnn 1 2\nAnn\n', /pairs\.txt:3: expected .* got "Ann"/],
    ['1\nAnn 1 2 Bob 3\n', /pairs\.txt:2: expected "name i j"/],
    ['Ann 1 2\n', /pairs\.txt:1: expected the number of pairs/],
    ['', /pairs\.txt:1: expected the number of pairs/],
  ])('names file and line of what it cannot read: %j', async (text, message) => {
    await expect(listOf(text)).rejects.toThrow(message);
    await expect(listOf(text)).rejects.toThrow(EvaluationError);
  });

  it('says which list there is not', async () => {
    await expect(readPairs(path.join(folder, 'none.txt'))).rejects.toThrow(/none\.txt: expected a list of pairs/);
  });
});

describe('checkNobodyInBoth', () => {
  it('passes lists of different people and stops, without naming anybody, at others', async () => {
    const train = await listOf('1\nAnn 1 2\nAnn 1 Bob 1\n', 'train.txt');
    const apart = await listOf('1\nEve 1 2\nEve 1 Joe 1\n', 'apart.txt');
    const shared = await listOf('1\nEve 1 2\nEve 1 Bob 2\n', 'shared.txt');
    expect(() => checkNobodyInBoth(train, apart)).not.toThrow();
    expect(() => checkNobodyInBoth(train, shared)).toThrow(EvaluationError);
    expect(() => checkNobodyInBoth(train, shared)).toThrow(
      /^shared\.txt: expected people who are not in train\.txt, got 1 who are \(the first in line 3\)/,
    );
    expect(() => checkNobodyInBoth(train, shared)).not.toThrow(/Bob/);
  });
});

describe('a folder in the layout of LFW', () => {
  it('has its photos under images, or right in it', async () => {
    expect(await imagesFolder(folder)).toBe(folder);
    await mkdir(path.join(folder, 'images'));
    expect(await imagesFolder(folder)).toBe(path.join(folder, 'images'));
  });

  it('names every photo once', async () => {
    const list = await listOf('1\nAnn 1 2\nAnn 1 Bob 1\n');
    expect(photosOf([list, list])).toEqual(['Ann/Ann_0001.jpg', 'Ann/Ann_0002.jpg', 'Bob/Bob_0001.jpg']);
  });
});
