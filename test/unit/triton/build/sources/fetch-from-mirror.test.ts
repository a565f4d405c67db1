import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fetchFromMirror } from '../../../../../triton/build/sources/fetch-from-mirror.ts';
import { tempFolder } from '../temp-folder.ts';

const place = { kind: 'mirror', folder: 'author' } as const;

function request(onBytes: (done: number) => void = () => {}) {
  const files = ['a.bin', 'b.bin'].map(name => ({ name, bytes: 4, sha256: null }));
  return { files, signal: new AbortController().signal, onBytes };
}

async function mirrorWith(files: Record<string, string>): Promise<string> {
  const mirror = await tempFolder();
  await mkdir(path.join(mirror, 'author'));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(mirror, 'author', name), text);
  return mirror;
}

describe('a mirror folder', () => {
  it('delivers every file and counts the bytes as they come', async () => {
    const counted: number[] = [];
    const mirror = await mirrorWith({ 'a.bin': 'aaaa', 'b.bin': 'bb' });
    const outcome = await fetchFromMirror(
      mirror,
      place,
      request(done => counted.push(done)),
    );
    expect(outcome).toMatchObject({ ok: true });
    if (outcome.ok) expect([...outcome.files.values()].map(bytes => bytes.toString())).toEqual(['aaaa', 'bb']);
    expect(counted).toEqual([4, 6]);
  });

  it('names the missing file and where it should be put', async () => {
    const mirror = await mirrorWith({ 'a.bin': 'aaaa' });
    const outcome = await fetchFromMirror(mirror, place, request());
    expect(outcome).toMatchObject({
      ok: false,
      reason: expect.stringContaining(path.join(mirror, 'author', 'b.bin')),
      remedy: expect.stringContaining(`put a.bin, b.bin into ${path.join(mirror, 'author')}`),
    });
  });

  it('refuses a file that is larger than published', async () => {
    const mirror = await mirrorWith({ 'a.bin': 'aaaaa', 'b.bin': 'bb' });
    const outcome = await fetchFromMirror(mirror, place, request());
    expect(outcome).toMatchObject({ ok: false, reason: expect.stringContaining('expected at most 4 bytes, got 5') });
  });
});
