import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EvaluationError } from '../../../../../face_id_api/eval/evaluation-error.ts';
import { checkNobodyTwice, readOpenSet } from '../../../../../face_id_api/eval/open-set/open-set-photos.ts';
import { noisyPhoto } from '../../../../api/face_id_api/fake-deps.ts';
import { openSetFolder, strangerCount } from './open-set-folder.ts';

const { signal } = new AbortController();

async function readWith(gallery: string, changes = {}) {
  const data = await openSetFolder(changes);
  await writeFile(path.join(data, 'gallery.txt'), gallery);
  return readOpenSet(data);
}

describe('readOpenSet', () => {
  it('enrols three photos of those who are listed, searches with the others, and takes one photo of everybody else', async () => {
    const { people, strangers } = await readOpenSet(await openSetFolder());
    expect(people.map(({ enrolled }) => enrolled)).toEqual([
      ['Ann/Ann_0001.jpg', 'Ann/Ann_0002.jpg', 'Ann/Ann_0003.jpg'],
      ['Bob/Bob_0001.jpg', 'Bob/Bob_0002.jpg', 'Bob/Bob_0003.jpg'],
    ]);
    expect(people[0]?.probes).toEqual(['Ann/Ann_0004.jpg', 'Ann/Ann_0005.jpg', 'Ann/Ann_0006.jpg']);
    expect(strangers).toHaveLength(strangerCount);
    expect(new Set(strangers.map(photo => path.dirname(photo))).size).toBe(strangerCount);
    expect(strangers.filter(photo => /^(Ann|Bob)/.test(photo))).toEqual([]);
  });

  it.each([
    ['Ann\nNobody\n', /gallery\.txt:2: expected a folder with at least 4 photos, got 0/],
    ['Ann\nBob\nAnn\n', /gallery\.txt:3: expected everybody once, got the name of line 1/],
    ['\n', /gallery\.txt: expected the names of those who are enrolled, got none/],
  ])('says what is wrong with the list %j', async (gallery, message) => {
    await expect(readWith(gallery)).rejects.toThrow(message);
    await expect(readWith(gallery)).rejects.toThrow(EvaluationError);
  });

  it('wants the list, and a hundred strangers', async () => {
    await expect(readOpenSet(path.join(await openSetFolder(), 'images'))).rejects.toThrow(/expected a list of those/);
    const few = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`Stranger_0${i + 10}/Stranger_0${i + 10}_0001.jpg`, null]),
    );
    await expect(readWith('Ann\n', few)).rejects.toThrow(/expected folders of at least 100 people .*, got 91/);
  });
});

describe('checkNobodyTwice', () => {
  it('passes photos that differ', async () => {
    await expect(checkNobodyTwice(await readOpenSet(await openSetFolder()), signal)).resolves.toBeUndefined();
  });

  it('stops where a photo that was enrolled is searched for under another name', async () => {
    const copied = await openSetFolder({ 'Stranger_007/Stranger_007_0001.jpg': noisyPhoto(2, 4) });
    await expect(checkNobodyTwice(await readOpenSet(copied), signal)).rejects.toThrow(
      /^Stranger_007\/Stranger_007_0001\.jpg: expected another photo than Bob\/Bob_0001\.jpg, got a copy/,
    );
  });

  it('stops where a stranger is enrolled', async () => {
    const photos = await readOpenSet(await openSetFolder());
    const wrong = { ...photos, strangers: [...photos.strangers, 'Bob/Bob_0004.jpg'] };
    await expect(checkNobodyTwice(wrong, signal)).rejects.toThrow(/^Bob\/Bob_0004\.jpg: expected a stranger/);
  });
});
