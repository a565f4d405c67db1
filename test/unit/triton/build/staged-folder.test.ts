import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeFolder, sweepLeftovers, writeStagedFolder } from '../../../../triton/build/staged-folder.ts';
import { tempFolder } from './temp-folder.ts';

const signal = new AbortController().signal;
const text = (content: string) => new TextEncoder().encode(content);
const version = (content: string) => [
  { path: '1/model.onnx', bytes: text(content) },
  { path: 'card.json', bytes: text(content) },
];

/** A process id that was in use a moment ago and no longer is. */
const goneProcess = (): number => spawnSync(process.execPath, ['--version']).pid;

async function contentOf(folder: string): Promise<string[]> {
  const read = (file: string) => readFile(path.join(folder, file), 'utf8');
  return [await read('1/model.onnx'), await read('card.json')];
}

describe('a staged folder', () => {
  it('is written with its subfolders, and nothing else is left beside it', async () => {
    const parent = path.join(await tempFolder(), 'models');
    await writeStagedFolder(path.join(parent, 'm'), version('one'), signal);
    expect(await contentOf(path.join(parent, 'm'))).toEqual(['one', 'one']);
    expect(await readdir(parent)).toEqual(['m']);
  });

  it('replaces an older folder whole', async () => {
    const parent = await tempFolder();
    await mkdir(path.join(parent, 'm'));
    await writeFile(path.join(parent, 'm', 'stale.txt'), 'old');
    await writeStagedFolder(path.join(parent, 'm'), version('new'), signal);
    expect((await readdir(path.join(parent, 'm'))).sort()).toEqual(['1', 'card.json']);
    expect(await readdir(parent)).toEqual(['m']);
  });

  it('interrupted, leaves the old folder as it was', async () => {
    const parent = await tempFolder();
    await writeStagedFolder(path.join(parent, 'm'), version('old'), signal);
    const controller = new AbortController();
    const interruptedAtItsLastFile = version('new').map(file => ({
      path: file.path,
      get bytes() {
        if (file.path === 'card.json') controller.abort(new Error('enough'));
        return file.bytes;
      },
    }));
    const writing = writeStagedFolder(path.join(parent, 'm'), interruptedAtItsLastFile, controller.signal);
    await expect(writing).rejects.toThrow('enough');
    expect(await contentOf(path.join(parent, 'm'))).toEqual(['old', 'old']);
    expect(await readdir(parent)).toEqual(['m']);
  });

  it('written by many at once is one of theirs, whole', async () => {
    const parent = await tempFolder();
    const contents = Array.from({ length: 8 }, (_, index) => `version ${index}`);
    const target = path.join(parent, 'm');
    await Promise.all(contents.map(content => writeStagedFolder(target, version(content), signal)));
    const [model, card] = await contentOf(target);
    expect(contents).toContain(model);
    expect(card).toBe(model);
    expect(await readdir(parent)).toEqual(['m']);
  });
});

describe('sweeping', () => {
  it('removes what a process that is gone left half made, and keeps a living one’s work', async () => {
    const parent = await tempFolder();
    await mkdir(path.join(parent, `.m.partial-${goneProcess()}-0a1b2c3d`));
    await mkdir(path.join(parent, `.m.partial-${process.ppid}-0a1b2c3d`));
    await mkdir(path.join(parent, '.git'));
    await sweepLeftovers(parent);
    expect((await readdir(parent)).sort()).toEqual(['.git', `.m.partial-${process.ppid}-0a1b2c3d`]);
  });

  it('puts back a model whose replacement never came', async () => {
    const parent = await tempFolder();
    await mkdir(path.join(parent, `.m.old-${goneProcess()}-0a1b2c3d`));
    await writeFile(path.join(parent, (await readdir(parent))[0] ?? '', 'card.json'), 'old');
    await sweepLeftovers(parent);
    expect(await readFile(path.join(parent, 'm', 'card.json'), 'utf8')).toBe('old');
  });

  it('removes the old model where its replacement did come', async () => {
    const parent = await tempFolder();
    await writeStagedFolder(path.join(parent, 'm'), version('new'), signal);
    await mkdir(path.join(parent, `.m.old-${goneProcess()}-0a1b2c3d`));
    await sweepLeftovers(parent);
    expect(await readdir(parent)).toEqual(['m']);
  });

  it('of a folder that is not there does nothing', async () => {
    await expect(sweepLeftovers(path.join(await tempFolder(), 'none'))).resolves.toBeUndefined();
  });
});

describe('removing', () => {
  it('says whether there was anything', async () => {
    const parent = await tempFolder();
    await mkdir(path.join(parent, 'm'));
    expect(await removeFolder(path.join(parent, 'm'))).toBe(true);
    expect(await removeFolder(path.join(parent, 'm'))).toBe(false);
    expect(await readdir(parent)).toEqual([]);
  });
});
