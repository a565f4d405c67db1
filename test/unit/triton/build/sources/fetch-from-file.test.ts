import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSources } from '../../../../../triton/build/sources/create-sources.ts';
import { tempFolder } from '../temp-folder.ts';

const sources = createSources({ mirror: null });
const request = (...names: string[]) => ({
  files: names.map(name => ({ name, bytes: 4, sha256: null })),
  signal: new AbortController().signal,
  onBytes: () => {},
});

describe('a file of the operator', () => {
  it('stands for the one file of the weights, whatever it is called', async () => {
    const file = path.join(await tempFolder(), 'download (1).pt');
    await writeFile(file, 'abcd');
    const place = { kind: 'file', path: file } as const;
    const outcome = await sources.fetch(place, request('published.pt'));
    expect(outcome.ok && [...outcome.files].map(([name, bytes]) => [name, `${bytes}`])).toEqual([
      ['published.pt', 'abcd'],
    ]);
    // The card goes over the wire: it names the file, not the operator's folders.
    expect(sources.locate(place)).toBe('download (1).pt');
  });

  it('is refused, with what to do, when it is absent, too large or to stand for several', async () => {
    const file = path.join(await tempFolder(), 'large.pt');
    await writeFile(file, 'abcde');
    const refusal = (reason: string) => ({
      ok: false,
      reason: expect.stringContaining(reason),
      remedy: expect.any(String),
    });
    expect(await sources.fetch({ kind: 'file', path: file }, request('a'))).toEqual(refusal('at most 4 bytes, got 5'));
    expect(await sources.fetch({ kind: 'file', path: file }, request('a', 'b'))).toEqual(refusal('got 2'));
    expect(await sources.fetch({ kind: 'file', path: `${file}x` }, request('a'))).toEqual(refusal('ENOENT'));
  });
});

describe('a formula', () => {
  it('delivers its recipe, and says that nothing was trained', async () => {
    const place = { kind: 'generated', recipe: 'seed 1' } as const;
    const outcome = await sources.fetch(place, request('recipe.txt'));
    expect(outcome.ok && `${outcome.files.get('recipe.txt')}`).toBe(new TextEncoder().encode('seed 1').toString());
    expect(sources.locate(place)).toContain('nothing was trained');
  });
});
