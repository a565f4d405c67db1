import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createControlClient } from '../../../../contract/triton/control-client.ts';
import { configJson, configText, negated, noModel, same } from '../../../../contract/triton/control-models.ts';
import { writeRepository } from '../../../../contract/triton/fixture-repository.ts';
import { openEmbeddedTriton } from '../../../../contract/triton/open-embedded-triton.ts';
import { type OpenedRepository, openTestRepository } from './open-repository.ts';

const asked = [1, 2, 3, 4];
const minus = [-1, -2, -3, -4];
const plain = { config: configText(), versions: { 1: same } };
/** Requests wait in its queue for as long as a test is likely to look at them. */
const slow = {
  config: configText('dynamic_batching { preferred_batch_size: [ 8 ] max_queue_delay_microseconds: 300000 }'),
  versions: { 1: same },
};

const opened: OpenedRepository[] = [];
async function open(...args: Parameters<typeof openTestRepository>): Promise<OpenedRepository> {
  const repository = await openTestRepository(...args);
  opened.push(repository);
  return repository;
}
afterEach(async () => {
  for (const repository of opened.splice(0)) await repository.close();
});

/** As a careful person replaces a file: whole or not at all. */
async function replace(file: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${file}.new`, bytes);
  await rename(`${file}.new`, file);
}

describe('a model that is replaced under load', () => {
  it('fails no request, and answers each whole from the old or the new, over and over under one version number', async () => {
    const { directory, remove } = await writeRepository({ plain });
    const server = await openEmbeddedTriton(directory, { modelControl: { mode: 'explicit', loadModels: ['*'] } });
    const client = createControlClient(server.address);
    let isDone = false;
    const counts = { old: 0, new: 0 };
    const askUntilDone = async (): Promise<void> => {
      while (!isDone) {
        const { values } = await client.ask('plain');
        if (values.join() === asked.join()) counts.old++;
        else if (values.join() === minus.join()) counts.new++;
        else throw new Error(`neither the old nor the new answer: ${values}`);
      }
    };
    const asking = Array.from({ length: 8 }, askUntilDone);
    for (let swap = 0; swap < 40; swap++) {
      const isNegated = swap % 2 === 0;
      await replace(path.join(directory, 'plain/1/model.onnx'), isNegated ? negated : same);
      await client.load('plain');
      // Whoever asks now finds the new one only.
      expect((await client.ask('plain')).values).toEqual(isNegated ? minus : asked);
    }
    isDone = true;
    await Promise.all(asking);
    expect(Math.min(counts.old, counts.new)).toBeGreaterThan(40);
    client.close();
    await server.close();
    await remove();
  });

  it('switches all of its versions at once, and lets the old answer what they were given', async () => {
    const { ask, repository, index } = await open({ slow });
    const waiting = [ask('slow'), ask('slow', '1')];
    const config = configJson({ version_policy: { all: {} } });
    await repository.load('slow', { config, 'file:1/model.onnx': negated, 'file:2/model.onnx': negated });
    expect(await ask('slow', '1')).toEqual(minus);
    expect(repository.find('slow', '').versions).toEqual(['1', '2']);
    expect(await index('slow')).toEqual(['1 READY', '2 READY']);
    expect(await Promise.all(waiting)).toEqual([asked, asked]);
  });

  it('answers what is under way when it is unloaded', async () => {
    const { ask, repository, index, metrics } = await open({ slow });
    const waiting = ask('slow');
    await repository.unload('slow', {});
    expect(await index('slow')).toEqual(['1 UNLOADING']);
    expect(await metrics.text()).toContain('nv_inference_pending_request_count{model="slow",version="1"} 1');
    expect(repository.allReady).toBe(false);
    expect(() => repository.find('slow', '')).toThrow("'slow' has no available versions");
    expect(await waiting).toEqual(asked);
    await vi.waitFor(async () => expect(await index('slow')).toEqual(['1 UNAVAILABLE unloaded']), 30_000);
    expect(await metrics.text()).not.toContain('model="slow"');
    expect(repository.allReady).toBe(true);
  });

  it('is there again when it is loaded while it still unloads', async () => {
    const { ask, repository, index } = await open({ slow });
    const waiting = ask('slow');
    await repository.unload('slow', {});
    await repository.load('slow', {});
    expect(await index('slow')).toEqual(['1 READY']);
    expect(await waiting).toEqual(asked);
    expect(await index('slow')).toEqual(['1 READY']);
  });

  it('releases the sessions of every load once, whatever became of it', async () => {
    const { directory, pool, repository, close } = await openTestRepository({ plain, slow });
    const sessions = new Map<string, number>();
    pool.before = async (job, input) => {
      const id = String(Reflect.get(Object(input), 'sessionId'));
      if (job === 'load-job') sessions.set(id, 0);
      if (job === 'release-job') sessions.set(id, (sessions.get(id) ?? 0) + 1);
    };
    const file = path.join(directory, 'plain/1/model.onnx');
    for (const bytes of [negated, noModel, same]) {
      await replace(file, bytes);
      await repository.load('plain', {}).catch(() => undefined);
    }
    await repository.unload('slow', {});
    await repository.load('slow', {});
    await close();
    // Two at the start, three of the one, one of the other.
    expect([...sessions.values()]).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

describe('loads and unloads', () => {
  const holdLoads = ({ pool }: OpenedRepository) => {
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    pool.before = async job => {
      if (job !== 'load-job') return;
      reached.resolve();
      await gate.promise;
    };
    return { reached: reached.promise, letGo: gate.resolve };
  };

  it('show a model as loading that was not there, and as ready one that was', async () => {
    const test = await open({ plain, slow }, { mode: 'explicit', loadModels: ['plain'] });
    const { reached, letGo } = holdLoads(test);
    await replace(path.join(test.directory, 'plain/1/model.onnx'), negated);
    const loading = [test.repository.load('slow', {}), test.repository.load('plain', {})];
    await reached;
    // Either of the two may be the one that was reached.
    await vi.waitFor(async () => expect(await test.index('slow')).toEqual(['1 LOADING']), 30_000);
    expect(await test.index('plain')).toEqual(['1 READY']);
    expect(test.repository.allReady).toBe(false);
    expect(test.repository.isReady('slow', '')).toBe(false);
    expect(() => test.repository.find('slow', '1')).toThrow("'slow' version 1 is not at ready state");
    expect(await test.ask('plain')).toEqual(asked);
    letGo();
    await Promise.all(loading);
    expect(test.repository.allReady).toBe(true);
    expect(await test.ask('plain')).toEqual(minus);
  });

  it('of one model wait for each other, those of others do not', async () => {
    const test = await open({ plain, slow }, { mode: 'explicit', loadModels: [] });
    const { reached, letGo } = holdLoads(test);
    const order: string[] = [];
    const note = (what: string) => () => void order.push(what);
    const first = test.repository.load('plain', {}).then(note('loaded'));
    await reached;
    const unload = test.repository.unload('plain', {}).then(note('unloaded'));
    const other = test.repository.unload('slow', {}).then(note('other'));
    await other;
    expect(order).toEqual(['other']);
    letGo();
    await Promise.all([first, unload]);
    expect(order).toEqual(['other', 'loaded', 'unloaded']);
  });

  it('load a file once when several ask for the same', async () => {
    const { pool, repository } = await open({ plain }, { mode: 'explicit', loadModels: [] });
    await Promise.all([repository.load('plain', {}), repository.load('plain', {}), repository.load('plain', {})]);
    expect(pool.ran).toEqual(['load-job', 'load-job everywhere']);
  });

  it('leave versions alone that did not change', async () => {
    const several = { config: configText('version_policy { all { } }'), versions: { 1: same, 2: same } };
    const { directory, pool, repository } = await open({ several });
    const before = repository.find('several', '1').executor;
    await replace(path.join(directory, 'several/2/model.onnx'), negated);
    pool.ran.length = 0;
    await repository.load('several', {});
    expect(pool.ran.filter(job => job === 'load-job')).toHaveLength(1);
    expect(repository.find('several', '1').executor).toBe(before);
    // A comment is no change; a file beside the versions may belong to each of them.
    await writeFile(path.join(directory, 'several/config.pbtxt'), `${several.config} # said again`);
    await repository.load('several', {});
    expect(repository.find('several', '1').executor).toBe(before);
    await writeFile(path.join(directory, 'several/labels.txt'), 'one');
    await repository.load('several', {});
    expect(repository.find('several', '1').executor).not.toBe(before);
  });

  it('are refused at once when the server closes, and leave nothing loaded', async () => {
    const test = await openTestRepository({ plain, slow }, { mode: 'explicit', loadModels: ['slow'] });
    const { reached, letGo } = holdLoads(test);
    const waiting = test.ask('slow');
    const loads = [test.repository.load('plain', {}), test.repository.load('plain', {})];
    const outcomes = Promise.allSettled([waiting, ...loads]);
    await reached;
    const closing = test.close();
    expect(test.repository.allReady).toBe(false);
    letGo();
    await closing;
    const shuttingDown = {
      status: 'rejected',
      reason: { code: 'UNAVAILABLE', message: 'the server is shutting down' },
    };
    expect(await outcomes).toMatchObject([shuttingDown, shuttingDown, shuttingDown]);
    const released = test.pool.ran.filter(job => job === 'release-job everywhere');
    expect(released).toHaveLength(2);
  });
});

describe("a load's own files", () => {
  it.each(['replaced', 'unloaded', 'closed'])('are gone when their model is %s', async how => {
    const test = await openTestRepository({ plain });
    await test.repository.load('plain', { config: configJson(), 'file:1/model.onnx': negated });
    const { modelPath } = test.repository.find('plain', '').model;
    expect(modelPath.startsWith(test.directory)).toBe(false);
    expect(existsSync(modelPath)).toBe(true);
    if (how === 'replaced') await test.repository.load('plain', {});
    if (how === 'unloaded') await test.repository.unload('plain', {});
    if (how === 'closed') await test.close();
    await vi.waitFor(() => expect(existsSync(path.resolve(modelPath, '../..'))).toBe(false), 30_000);
    if (how !== 'closed') await test.close();
  });

  it('are gone when they could not be loaded', async () => {
    const test = await open({ plain });
    let modelPath = '';
    test.pool.before = async (job, input) => {
      if (job === 'load-job') modelPath = String(Reflect.get(Object(input), 'modelPath'));
    };
    const load = test.repository.load('plain', { config: configJson(), 'file:1/model.onnx': noModel });
    await expect(load).rejects.toThrow(/^load failed for model 'plain'/);
    expect(modelPath).not.toBe('');
    expect(existsSync(path.resolve(modelPath, '../..'))).toBe(false);
    expect(await test.ask('plain')).toEqual(asked);
  });
});
