import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLabels } from '../../../../../triton/server/repository/read-labels.ts';

describe("an output's labels", () => {
  let folder: string;

  beforeAll(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'labels-')), 'model');
    await mkdir(path.join(folder, '1'), { recursive: true });
    await writeFile(path.join(folder, 'labels.txt'), 'cat\n\nbig dog\r\nBär');
    await writeFile(path.join(folder, '../secret.txt'), 'secret');
  });
  afterAll(() => rm(path.dirname(folder), { recursive: true }));

  it('are the lines of its file, and none without one', async () => {
    expect(await readLabels(folder, 'labels.txt')).toEqual(['cat', '', 'big dog', 'Bär']);
    expect(await readLabels(folder, '1/../labels.txt')).toHaveLength(4);
    expect(await readLabels(folder, '')).toEqual([]);
  });

  it('are refused when the file is not there, in the words of Triton', async () => {
    await expect(readLabels(folder, 'nope.txt')).rejects.toThrow(/^failed to open text file for read .*nope\.txt: /);
    await expect(readLabels(folder, '1')).rejects.toThrow(/^failed to open text file/);
  });

  it.each(['../secret.txt', '1/../../secret.txt', '/etc/hostname', '.'])(
    "are refused from outside the model's folder: %s",
    async name => {
      await expect(readLabels(folder, name)).rejects.toThrow(
        `label_filename: expected a file in the model's folder, got '${name}'`,
      );
    },
  );
});
