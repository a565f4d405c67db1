import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fetchFromNpm, resolveInstalledPackage } from '../../../../../triton/build/sources/fetch-from-npm.ts';
import { tempFolder } from '../temp-folder.ts';

const place = { kind: 'npm', package: 'weights', version: '1.2.3', folder: 'model' } as const;
const request = {
  files: [{ name: 'a.bin', bytes: 4, sha256: null }],
  signal: new AbortController().signal,
  onBytes: () => {},
};

async function packageOf(version: string): Promise<string> {
  const folder = await tempFolder();
  await mkdir(path.join(folder, 'model'));
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name: 'weights', version }));
  await writeFile(path.join(folder, 'model', 'a.bin'), 'aaaa');
  return folder;
}

describe('an npm package', () => {
  it('delivers the files of its folder', async () => {
    const folder = await packageOf('1.2.3');
    const outcome = await fetchFromNpm(() => folder, place, request);
    expect(outcome.ok && outcome.files.get('a.bin')?.toString()).toBe('aaaa');
  });

  it('of another version is refused, with both versions and the command to run', async () => {
    const folder = await packageOf('1.3.0');
    expect(await fetchFromNpm(() => folder, place, request)).toEqual({
      ok: false,
      reason: 'weights: expected version 1.2.3, got 1.3.0',
      remedy: 'npm ci, or npm install weights@1.2.3',
    });
  });

  it('that is not installed is said to be so', async () => {
    const outcome = await fetchFromNpm(resolveInstalledPackage, { ...place, package: 'no-such-package-here' }, request);
    expect(outcome).toMatchObject({ ok: false, reason: expect.stringContaining('is not installed') });
  });

  it('is found wherever Node finds it from here', () => {
    expect(path.basename(resolveInstalledPackage('@vladmandic/face-api'))).toBe('face-api');
  });
});
