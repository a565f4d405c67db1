import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPairs } from '../../../../face_id_api/eval/lfw-folder.ts';
import { scoreAllImpostors, scoreListedPairs } from '../../../../face_id_api/eval/score-pairs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pairs-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function pairsOf(text: string) {
  const file = path.join(folder, 'pairs.txt');
  await writeFile(file, text);
  return readPairs(file);
}

describe('readPairs', () => {
  it('reads pairs of one person and of two', async () => {
    expect(await pairsOf('1\nAnn_Lee\t1\t12\nAnn_Lee\t3\tBob\t4\n')).toEqual([
      { first: 'Ann_Lee/Ann_Lee_0001.jpg', second: 'Ann_Lee/Ann_Lee_0012.jpg', samePerson: true },
      { first: 'Ann_Lee/Ann_Lee_0003.jpg', second: 'Bob/Bob_0004.jpg', samePerson: false },
    ]);
  });

  it('names file and line of what it cannot read', async () => {
    await expect(pairsOf('1\nAnn 1 2\nAnn\n')).rejects.toThrow(/pairs\.txt:3: expected .* got "Ann"/);
  });
});

describe('scoring pairs', () => {
  const embeddings = new Map([
    ['Ann/Ann_0001.jpg', Float32Array.of(1, 0)],
    ['Ann/Ann_0002.jpg', Float32Array.of(0.6, 0.8)],
    ['Bob/Bob_0001.jpg', Float32Array.of(0, 1)],
  ]);

  it('scores the listed pairs and leaves out those without a face', () => {
    const scores = scoreListedPairs(
      [
        { first: 'Ann/Ann_0001.jpg', second: 'Ann/Ann_0002.jpg', samePerson: true },
        { first: 'Ann/Ann_0001.jpg', second: 'Bob/Bob_0009.jpg', samePerson: false },
      ],
      embeddings,
    );
    expect([...scores.same]).toEqual([Math.fround(0.6)]);
    expect(scores.different.length).toBe(0);
  });

  it('pairs every two people once, and no person with itself', () => {
    expect([...scoreAllImpostors(embeddings)].sort()).toEqual([0, Math.fround(0.8)].sort());
  });
});
