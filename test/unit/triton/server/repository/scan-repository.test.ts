import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readFolderFiles } from '../../../../../triton/server/repository/folder-files.ts';
import { createScan } from '../../../../../triton/server/repository/scan-repository.ts';
import { startPolling } from '../../../../../triton/server/repository/start-polling.ts';
import { configText, negated, noModel, same } from '../../../../contract/triton/control-models.ts';
import { writeRepository } from '../../../../contract/triton/fixture-repository.ts';
import { type OpenedRepository, openTestRepository } from './open-repository.ts';

const plain = { config: configText(), versions: { 1: same } };

describe('a scan of a repository', () => {
  let directory: string;
  let remove: () => Promise<void>;
  const seen: string[] = [];
  const note =
    (what: string) =>
    async (name: string): Promise<void> =>
      void seen.push(`${what} ${name}`);
  let scan: () => Promise<string[]>;

  beforeEach(async () => {
    ({ directory, remove } = await writeRepository({ plain, other: plain }));
    const scanOnce = createScan(directory, { load: note('load'), unload: note('unload') });
    scan = async () => {
      seen.length = 0;
      await scanOnce();
      return seen.sort();
    };
  });
  afterEach(() => remove());
  const file = (name: string): string => path.join(directory, name);

  it('finds every folder at first, then what is new, what changed and what is gone', async () => {
    expect(await scan()).toEqual(['load other', 'load plain']);
    expect(await scan()).toEqual([]);
    await mkdir(file('new/1'), { recursive: true });
    expect(await scan()).toEqual(['load new']);
    await writeFile(file('new/1/model.onnx'), same);
    expect(await scan()).toEqual(['load new']);
    await mkdir(file('plain/2'));
    expect(await scan()).toEqual(['load plain']);
    await rm(file('plain/2'), { recursive: true });
    expect(await scan()).toEqual(['load plain']);
    await rm(file('other'), { recursive: true });
    expect(await scan()).toEqual(['unload other']);
    await rename(file('new'), file('other'));
    expect(await scan()).toEqual(['load other', 'unload new']);
  });

  it('sees a file of the same size by its time, and of the same time by its size', async () => {
    await scan();
    const time = new Date(2024, 0, 1);
    await utimes(file('plain/1/model.onnx'), time, time);
    expect(await scan()).toEqual(['load plain']);
    await writeFile(file('plain/1/model.onnx'), noModel);
    await utimes(file('plain/1/model.onnx'), time, time);
    expect(await scan()).toEqual(['load plain']);
  });

  it('leaves hidden folders and files alone: they are being written', async () => {
    await scan();
    await mkdir(file('.partial/1'), { recursive: true });
    await writeFile(file('plain/1/.model.onnx.partial'), same);
    await writeFile(file('notes.txt'), 'no model');
    expect(await scan()).toEqual([]);
  });

  it('says when the repository is gone', async () => {
    await remove();
    await expect(scan()).rejects.toThrow(/ENOENT/);
  });
});

describe("a model's files", () => {
  it('belong to one version, to all, or to the configuration', async () => {
    const { directory, remove } = await writeRepository({ m: { ...plain, versions: { 1: same, 2: same, 12: same } } });
    const files = () => readFolderFiles(path.join(directory, 'm'));
    const before = await files();
    await writeFile(path.join(directory, 'm/config.pbtxt'), 'max_batch_size: 1');
    await writeFile(path.join(directory, 'm/2/more.bin'), 'x');
    const after = await files();
    expect(after.signature).not.toBe(before.signature);
    expect(after.ofVersion('1')).toBe(before.ofVersion('1'));
    expect(after.ofVersion('12')).toBe(before.ofVersion('12'));
    expect(after.ofVersion('2')).not.toBe(before.ofVersion('2'));
    await mkdir(path.join(directory, 'm/warmup'));
    await writeFile(path.join(directory, 'm/warmup/sample.bin'), 'x');
    expect((await files()).ofVersion('1')).not.toBe(before.ofVersion('1'));
    await remove();
  });
});

describe('a repository that is polled', () => {
  let test: OpenedRepository;
  beforeEach(async () => {
    test = await openTestRepository({ plain }, { mode: 'poll', intervalMs: 5 });
  });
  afterEach(() => test.close());

  const file = (name: string): string => path.join(test.directory, name);
  const untilIndex = (model: string, lines: readonly unknown[]): Promise<void> =>
    vi.waitFor(async () => expect(await test.index(model)).toEqual(lines), { timeout: 10_000 });

  it('is followed: models that come, change and go', async () => {
    expect(await test.ask('plain')).toEqual([1, 2, 3, 4]);
    await writeFile(file('plain/1/model.onnx'), negated);
    await vi.waitFor(async () => expect(await test.ask('plain')).toEqual([-1, -2, -3, -4]), { timeout: 10_000 });
    await mkdir(file('late/1'), { recursive: true });
    await writeFile(file('late/1/model.onnx'), same);
    await untilIndex('late', ['1 READY']);
    await rm(file('plain'), { recursive: true });
    await untilIndex('plain', []);
    await vi.waitFor(() => expect(test.repository.isReady('plain', '')).toBe(false), 30_000);
  });

  it('serves what it has while a copy is incomplete, and the rest once it is there', async () => {
    await mkdir(file('plain/2'));
    await untilIndex('plain', ['1 READY', expect.stringMatching(/^2 UNAVAILABLE Internal/)]);
    await writeFile(file('plain/2/model.onnx'), negated.subarray(0, 20));
    await untilIndex('plain', ['1 READY', expect.stringMatching(/^2 UNAVAILABLE Internal: .*Protobuf parsing failed/)]);
    expect(await test.ask('plain')).toEqual([1, 2, 3, 4]);
    await writeFile(file('plain/2/model.onnx'), negated);
    await untilIndex('plain', ['1 UNAVAILABLE unloaded', '2 READY']);
    await writeFile(file('plain/config.pbtxt'), 'max_batch_size: oops');
    await vi.waitFor(() => expect(test.warnings.at(-1)).toMatch(/field 'max_batch_size'/), { timeout: 10_000 });
    expect(await test.ask('plain')).toEqual([-1, -2, -3, -4]);
  });

  it('does not try again what failed before it changes', async () => {
    // Renamed into place, whole: a scan that saw the folder before its file would rightly try twice.
    const place = async (name: string, model: Uint8Array): Promise<void> => {
      await mkdir(file(`.${name}/1`), { recursive: true });
      await writeFile(file(`.${name}/1/model.onnx`), model);
      await rename(file(`.${name}`), file(name));
    };
    await place('broken', noModel);
    await untilIndex('broken', [expect.stringMatching(/^1 UNAVAILABLE/)]);
    const loads = (): number => test.pool.ran.filter(job => job === 'load-job').length;
    const before = loads();
    // A model that comes later is found by a later scan, which has looked at the broken one too.
    await place('zebra', same);
    await untilIndex('zebra', ['1 READY']);
    expect(loads()).toBe(before + 1);
    expect(test.warnings.filter(text => text.includes("'broken'"))).toHaveLength(1);
  });

  it('takes no orders', async () => {
    const refused = {
      code: 'UNAVAILABLE',
      message: 'explicit model load / unload is not allowed if polling is enabled',
    };
    await expect(test.repository.load('plain', {})).rejects.toMatchObject(refused);
    await expect(test.repository.unload('plain', {})).rejects.toMatchObject(refused);
    await expect(test.repository.load('plain', { zzz: true })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('polling', () => {
  it('goes on after a failure, never beside itself, and ends with the work that runs', async () => {
    const failures: unknown[] = [];
    let runs = 0;
    let atOnce = 0;
    const third = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const polling = startPolling(
      async () => {
        expect(++atOnce).toBe(1);
        runs++;
        if (runs === 3) {
          third.resolve();
          await held.promise;
        }
        atOnce--;
        if (runs === 1) throw new Error('first');
      },
      1,
      error => void failures.push(error),
    );
    await third.promise;
    const stopped = polling.stop();
    held.resolve();
    await stopped;
    expect(runs).toBe(3);
    expect(failures).toEqual([new Error('first')]);
  });
});
