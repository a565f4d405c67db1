import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFaceIdClient } from '../../../face_id_api/client/index.ts';
import { retentionConfig } from '../../../face_id_api/config.ts';
import type { IdentityId } from '../../../face_id_api/core/identity-id.ts';
import { hashId } from '../../../face_id_api/erasure-receipt.ts';
import { createSweepCommand } from '../../../face_id_api/gallery/sweep-command.ts';
import type { Gallery } from '../../../face_id_api/store/store.ts';
import { startApi } from '../../api/face_id_api/start-api.ts';

// Receipts were gathered in memory and written at the end, over what the file had.

const expired = { purpose: 'door', given: '2026-01-01T00:00:00.000Z', expires: '2026-01-02T00:00:00.000Z' };

/** The command over so many who are due, in the API's store itself and by `--url`. */
async function start(people: number) {
  const { app, deps, enrol } = await startApi();
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.server.closeAllConnections());
  const gallery = deps.store.gallery('default');
  const addDue = async (id: number): Promise<void> => {
    await enrol(id, 1);
    await gallery.update(id, { consent: expired });
  };
  for (let id = 0; id < people; id++) await addDue(id);
  const folder = await mkdtemp(path.join(tmpdir(), 'face-id-sweep-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'receipts.ndjson');
  const lines: string[] = [];
  const stop = new AbortController();
  let removing: (id: IdentityId) => Promise<void> = async () => {};
  const { store } = deps;
  const galleryOf = store.gallery;
  Object.assign(store, {
    gallery: (name: string): Gallery => {
      const whole = galleryOf(name);
      return { ...whole, remove: id => removing(id).then(() => whole.remove(id)) };
    },
  });
  /** @param before each erasure */
  function sweep(args: string[], before = removing) {
    removing = before;
    return createSweepCommand({
      withStore: work => work(store, {} as never, { store, audit: null, retention: retentionConfig.parse({}) }),
      connect: (url, gallery, _, signal = stop.signal) => createFaceIdClient({ url, gallery, signal }),
      print: line => {
        lines.push(line);
      },
      signal: stop.signal,
    }).parseAsync(args, { from: 'user' });
  }
  const left = async () => (await Array.fromAsync(gallery.export())).map(({ id }) => id);
  const receipts = async () => (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  const hashes = async () => (await receipts()).map(line => JSON.parse(line).id_sha256);
  return { gallery, url, addDue, file, folder, lines, stop, sweep, left, receipts, hashes };
}

const hashesOf = (...ids: number[]) => ids.map(hashId);
const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);

describe.each(['the store itself', 'a service that goes on'])('receipts of a sweep, over %s', over => {
  const where = (url: string) => (over === 'the store itself' ? [] : ['--url', url]);

  it('are refused a place before anybody is erased', async () => {
    const { url, folder, sweep, left } = await start(2);
    for (const bad of [path.join(folder, 'none/receipts.ndjson'), folder]) {
      await expect(sweep(['--apply', '--receipts', bad, ...where(url)])).rejects.toMatchObject({
        name: 'GalleryError',
        message: expect.stringMatching(/^--receipts .*: expected a file that can be written: /),
      });
    }
    expect(await left()).toEqual([0, 1]);
  });

  it('come after those that the file has, and it stays as it is where nobody is due', async () => {
    const { url, addDue, file, sweep, hashes } = await start(2);
    const args = ['--apply', '--receipts', file, ...where(url)];
    await sweep(args);
    expect(await hashes()).toEqual(hashesOf(0, 1));
    await sweep(args);
    expect(await hashes()).toEqual(hashesOf(0, 1));
    await addDue(7);
    await sweep(args);
    expect(await hashes()).toEqual(hashesOf(0, 1, 7));
  });

  it('start on a line of their own after one that was cut off', async () => {
    const { url, file, sweep, receipts } = await start(1);
    await writeFile(file, '{"subject":"ident');
    await sweep(['--apply', '--receipts', file, ...where(url)]);
    expect(await receipts()).toEqual(['{"subject":"ident', expect.stringMatching(/^\{"subject":"identity".*\}$/)]);
  });

  it('are not touched by a dry run', async () => {
    const { url, file, sweep, left } = await start(1);
    await sweep(['--receipts', file, ...where(url)]);
    expect(existsSync(file)).toBe(false);
    await writeFile(file, 'of an earlier run\n');
    await sweep(['--receipts', file, ...where(url)]);
    expect(await readFile(file, 'utf8')).toBe('of an earlier run\n');
    expect(await left()).toEqual([0]);
  });

  it.runIf(existsSync('/dev/full'))('are printed where the disk is full, and nobody more is erased', async () => {
    const { url, lines, sweep, left } = await start(101);
    await expect(sweep(['--apply', '--receipts', '/dev/full', ...where(url)])).rejects.toThrow(
      /receipts above could not be written, and nobody more is erased: no space left/,
    );
    const erased = 101 - (await left()).length;
    expect(erased).toBe(over === 'the store itself' ? 1 : 100);
    expect(lines.map(line => JSON.parse(line).id_sha256)).toEqual(hashesOf(...upTo(erased)));
  });

  it('are all there when it is interrupted, and it erases nobody more than it has begun with', async () => {
    const { url, file, stop, lines, sweep, hashes, left } = await start(120);
    const swept = sweep(['--apply', '--receipts', file, ...where(url)], async id => {
      if (id === 1) stop.abort();
    });
    expect(await swept.catch(error => error)).toBe(stop.signal.reason);
    const erased = 120 - (await left()).length;
    expect(erased).toBe(over === 'the store itself' ? 2 : 100);
    expect(await hashes()).toEqual(hashesOf(...upTo(erased)));
    expect(lines.at(-1)).toBe(`Erased ${erased} identities.`);
  });
});

it('receipts of a sweep are in the file before the next one is erased, and stay where that fails', async () => {
  const { file, sweep, hashes, left } = await start(3);
  const seen: number[] = [];
  const swept = sweep(['--apply', '--receipts', file], async id => {
    seen.push((await hashes()).length);
    if (id === 2) throw new RangeError('the store is away');
  });
  await expect(swept).rejects.toThrow('the store is away');
  expect(seen).toEqual([0, 1, 2]);
  expect(await hashes()).toEqual(hashesOf(0, 1));
  expect(await left()).toEqual([2]);
});
