import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ControlClient, type ControlParameter, createControlClient } from './control-client.ts';
import {
  coldModels,
  configJson,
  configText,
  controlModels,
  negated,
  noModel,
  same,
  warmModels,
} from './control-models.ts';
import type { OpenedTriton, OpenTriton } from './open-triton.ts';

const asked = [1, 2, 3, 4];
const minus = [-1, -2, -3, -4];
const notPolled = (model: string) => ({
  code: 'INTERNAL',
  message: `failed to load '${model}', failed to poll from model repository`,
});
const noVersion = (model: string) => ({
  code: 'INVALID_ARGUMENT',
  message: `load failed for model '${model}': at least one version must be available under the version policy of model '${model}'\n`,
});

/** How any Triton loads and unloads models when it is told to, the embedded one and NVIDIA's. */
export function describeModelControl(name: string, open: OpenTriton): void {
  describe(`${name}, told what to serve,`, () => {
    let server: OpenedTriton;
    let client: ControlClient;

    beforeAll(async () => {
      const models = { ...controlModels, ...warmModels, ...coldModels };
      server = await open({ models, loadAtStart: ['steady'] });
      client = createControlClient(server.address);
      for (const model of Object.keys({ ...warmModels, ...coldModels })) {
        await write(`${model}/warmup/long.bin`, new Uint8Array(20));
        await write(`${model}/warmup/short.bin`, new Uint8Array(12));
      }
    });
    afterAll(async () => {
      client?.close();
      await server?.close();
    });

    const inRepository = (file: string): string => path.join(server.repository, file);
    async function write(file: string, content: string | Uint8Array): Promise<void> {
      await mkdir(path.dirname(inRepository(file)), { recursive: true });
      await writeFile(inRepository(file), content);
    }
    /** Later than any file of the repository, whatever its clock's grain. */
    async function touch(file: string): Promise<void> {
      const later = new Date(Date.now() + 10_000);
      await utimes(inRepository(file), later, later);
    }
    const waitForIndex = (model: string, lines: readonly string[]): Promise<void> =>
      vi.waitFor(async () => expect(await client.index(model)).toEqual(lines), { timeout: 30_000, interval: 100 });

    it('serves what it was told to at the start, and knows the rest by name', async () => {
      const index = await client.index();
      expect(index).toContain('steady 1 READY');
      expect(index.filter(line => line.includes('READY'))).toEqual(['steady 1 READY']);
      expect(index).toContain('plain');
      expect(await client.triton.serverReady()).toBe(true);
      expect(await client.triton.modelReady('plain')).toBe(false);
      await expect(client.ask('plain')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: "Request for unknown model: 'plain' is not found",
      });
    });

    it('loads a model and takes it away again', async () => {
      await client.load('plain');
      expect(await client.index('plain')).toEqual(['plain 1 READY']);
      expect(await client.ask('plain')).toEqual({ version: '1', values: asked });
      await client.unload('plain');
      await expect(client.ask('plain')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: "Request for unknown model: 'plain' has no available versions",
      });
      await expect(client.ask('plain', '1')).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: "Request for unknown model: 'plain' version 1 is not at ready state",
      });
      await expect(client.ask('plain', '2')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: "Request for unknown model: 'plain' version 2 is not found",
      });
      await waitForIndex('plain', ['plain 1 UNAVAILABLE unloaded']);
      expect(await client.triton.modelReady('plain', { version: '1' })).toBe(false);
      // What was unloaded is not missed.
      expect(await client.triton.serverReady()).toBe(true);
      await client.unload('plain');
      await client.load('plain');
      expect(await client.index('plain')).toEqual(['plain 1 READY']);
    });

    it('has nothing to unload of models that it does not know, and ignores what it does not know of an unload', async () => {
      await client.unload('nope');
      await client.unload('');
      await client.unload('nope', { zzz: 'x', unload_dependents: true });
    });

    it.each<[string, string, Record<string, ControlParameter>, object]>([
      ['a model that is not there', 'nope', {}, notPolled('nope')],
      ['no name', '', {}, notPolled('')],
      ['a path out of the repository', '../steady', {}, notPolled('../steady')],
      ['a configuration that cannot be read', 'unparsable', {}, notPolled('unparsable')],
      ["a configuration of another model's name", 'renamed', {}, notPolled('renamed')],
      ['a model without versions', 'versionless', {}, noVersion('versionless')],
      [
        'a tensor without dimensions',
        'dimensionless',
        {},
        {
          code: 'INVALID_ARGUMENT',
          message:
            "load failed for model 'dimensionless': version 1 is at UNAVAILABLE state: Invalid argument: model input 'INPUT0' must specify 'dims' for dimensionless;\n",
        },
      ],
      [
        'a parameter that it does not know',
        'steady',
        { zzz: '1' },
        { code: 'INVALID_ARGUMENT', message: "unrecognized load parameter 'zzz'." },
      ],
      [
        'a configuration that is no text',
        'steady',
        { config: true },
        { code: 'INVALID_ARGUMENT', message: "invalid value type for load parameter 'config', expected string_param." },
      ],
      [
        'a file that is no bytes',
        'steady',
        { config: configJson(), 'file:1/model.onnx': 'text' },
        {
          code: 'INVALID_ARGUMENT',
          message: "invalid value type for load parameter 'file:1/model.onnx', expected bytes_param.",
        },
      ],
      ['a configuration that is no JSON', 'steady', { config: '{' }, notPolled('steady')],
      ['a configuration that is no message', 'steady', { config: '[]' }, notPolled('steady')],
      ['an empty configuration', 'steady', { config: '' }, notPolled('steady')],
      [
        'a configuration with a field that there is not',
        'steady',
        { config: configJson({ zzz: 1 }) },
        notPolled('steady'),
      ],
      ['a configuration for another name', 'steady', { config: configJson({ name: 'other' }) }, notPolled('steady')],
      ['a configuration for a model without a folder', 'nope', { config: configJson() }, notPolled('nope')],
      ['files without a configuration', 'steady', { 'file:1/model.onnx': same }, notPolled('steady')],
      [
        'a file outside of the model',
        'own',
        { config: configJson(), 'file:../../own/1/model.onnx': same },
        notPolled('own'),
      ],
      ['files without a version', 'own', { config: configJson(), 'file:model.onnx': same }, noVersion('own')],
      [
        'a version policy that no version fits',
        'steady',
        { config: configJson({ version_policy: { specific: { versions: [9] } } }) },
        noVersion('steady'),
      ],
    ])('refuses to load %s', async (_, model, parameters, error) => {
      await expect(client.load(model, parameters)).rejects.toMatchObject(error);
      expect(await client.ask('steady')).toEqual({ version: '1', values: asked });
    });

    it('refuses to unload with a value of the wrong type', async () => {
      await expect(client.unload('steady', { unload_dependents: 'true' })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: "invalid value type for 'unload_dependents' parameter, expected bool_param.",
      });
      expect(await client.index('steady')).toEqual(['steady 1 READY']);
    });

    it('finds the backend of a configuration that names none by its files', async () => {
      await client.load('unnamed');
      expect(await client.triton.modelConfig('unnamed')).toMatchObject({
        backend: 'onnxruntime',
        platform: 'onnxruntime_onnx',
      });
    });

    it("serves under a configuration of the load's until the files change", async () => {
      const batchOf = async (): Promise<number> => (await client.triton.modelConfig('steady')).maxBatchSize;
      await client.load('steady', { config: configJson() });
      expect(await batchOf()).toBe(2);
      await client.load('steady');
      expect(await batchOf()).toBe(2);
      await touch('steady/config.pbtxt');
      await client.load('steady');
      expect(await batchOf()).toBe(8);
      // Names in camelCase, as protobuf's JSON has them.
      await client.load('steady', { config: configJson({ max_batch_size: undefined, maxBatchSize: 3 }) });
      expect(await batchOf()).toBe(3);
      await client.unload('steady');
      await client.load('steady');
      expect(await batchOf()).toBe(8);
    });

    it("serves files of the load's until it is told otherwise", async () => {
      await client.load('plain');
      await client.load('plain', { config: configJson(), 'file:1/model.onnx': negated, 'file:notes.txt': same });
      expect(await client.ask('plain')).toEqual({ version: '1', values: minus });
      await client.load('plain');
      expect(await client.ask('plain')).toEqual({ version: '1', values: asked });

      const all = { config: configJson({ version_policy: { all: {} } }) };
      await client.load('own', { ...all, 'file:1/model.onnx': same, 'file:3/model.onnx': negated });
      expect(await client.ask('own', '1')).toEqual({ version: '1', values: asked });
      expect(await client.ask('own')).toEqual({ version: '3', values: minus });
      // The index tells of the repository's folders only.
      expect(await client.index('own')).toEqual([]);
      await expect(client.load('own')).rejects.toMatchObject(notPolled('own'));
      expect(await client.ask('own')).toEqual({ version: '3', values: minus });
      await client.unload('own');
      await expect(client.ask('own')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('serves the versions that the policy names, and others when it changes', async () => {
      await client.load('latest');
      expect(await client.index('latest')).toEqual(['latest 2 READY', 'latest 10 READY']);
      await client.load('specific');
      expect(await client.index('specific')).toEqual(['specific 1 READY']);
      await client.load('several');
      expect(await client.index('several')).toEqual(['several 1 READY', 'several 2 READY', 'several 5 READY']);
      expect((await client.triton.modelMetadata('several')).versions).toEqual(['1', '2', '5']);
      await client.load('several', { config: configJson({ version_policy: { specific: { versions: [2] } } }) });
      expect(await client.ask('several')).toEqual({ version: '2', values: minus });
      await waitForIndex('several', [
        'several 1 UNAVAILABLE unloaded',
        'several 2 READY',
        'several 5 UNAVAILABLE unloaded',
      ]);
    });

    it('takes versions that came and leaves out those that went', async () => {
      await client.load('mended');
      await write('mended/3/model.onnx', negated);
      await client.load('mended');
      expect(await client.index('mended')).toEqual(['mended 1 READY', 'mended 3 READY']);
      expect(await client.ask('mended')).toEqual({ version: '3', values: minus });
      await rm(inRepository('mended/1'), { recursive: true });
      await client.load('mended');
      await waitForIndex('mended', ['mended 1 UNAVAILABLE unloaded', 'mended 3 READY']);
    });

    it('counts a version from its load on, and one that did not change from before', async () => {
      const { config } = controlModels.latest;
      for (const version of [1, 2]) await write(`counted/${version}/model.onnx`, same);
      await write('counted/config.pbtxt', config);
      await client.load('counted');
      for (const version of ['1', '2', '2']) await client.ask('counted', version);
      await expect.poll(() => client.counts('counted')).toEqual(['1 1', '2 2']);
      await touch('counted/2/model.onnx');
      await touch('counted/config.pbtxt');
      await client.load('counted');
      expect(await client.counts('counted')).toEqual(['1 1', '2 0']);
      await client.unload('counted');
      await expect(client.counts('counted')).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: "requested model 'counted' is not available",
      });
    });

    it('serves no version when one cannot be loaded, says which, and is not ready until it can', async () => {
      const failure = await client.load('half').catch((error: Error) => error.message);
      expect(failure).toMatch(/^load failed for model 'half': version \d+ is at UNAVAILABLE state: Internal: .*;\n$/s);
      // In the order in which they failed.
      for (const version of [2, 11]) {
        expect(failure).toContain(`version ${version} is at UNAVAILABLE state: Internal: `);
        expect(failure).toContain(`half/${version}/model.onnx`);
      }
      expect(failure).not.toContain('version 1 is at');
      await vi.waitFor(async () => expect((await client.index('half'))[0]).toBe('half 1 UNAVAILABLE unloaded'), 30_000);
      expect((await client.index('half'))[1]).toMatch(/^half 2 UNAVAILABLE Internal: .*model\.onnx/s);
      await expect(client.ask('half', '2')).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: "Request for unknown model: 'half' version 2 is not at ready state",
      });
      await client.unload('half');
      expect((await client.index('half'))[1]).toMatch(/^half 2 UNAVAILABLE Internal: /);
      for (const version of [2, 11]) await write(`half/${version}/model.onnx`, negated);
      await client.load('half');
      expect(await client.index('half')).toEqual(['half 1 READY', 'half 2 READY', 'half 11 READY']);
    });

    it('goes on serving what it served when the new cannot be loaded or read', async () => {
      await client.load('several', { config: configJson({ version_policy: { all: {} } }) });
      await write('several/2/model.onnx', noModel);
      await touch('several/2/model.onnx');
      for (const _ of ['once', 'again']) {
        await expect(client.load('several')).rejects.toThrow(
          /^load failed for model 'several': version 2 is at UNAVAILABLE/,
        );
        expect(await client.index('several')).toEqual(['several 1 READY', 'several 2 READY', 'several 5 READY']);
        expect(await client.ask('several', '2')).toEqual({ version: '2', values: minus });
      }
      await write('several/config.pbtxt', 'max_batch_size: oops');
      await expect(client.load('several')).rejects.toMatchObject(notPolled('several'));
      expect(await client.ask('several')).toEqual({ version: '5', values: asked });
      await rm(inRepository('several'), { recursive: true });
      await expect(client.load('several')).rejects.toMatchObject(notPolled('several'));
      expect(await client.ask('several')).toEqual({ version: '5', values: asked });
      expect(await client.index('several')).toEqual([]);
      await client.unload('several');
      await expect(client.ask('several')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('loads a version anew when its file changes, under the same number', async () => {
      await client.load('plain');
      await write('plain/1/model.onnx', negated);
      await touch('plain/1/model.onnx');
      await client.load('plain');
      expect(await client.ask('plain')).toEqual({ version: '1', values: minus });
    });

    it.each(Object.keys(warmModels))('is ready once the warm-up has run: %s', async model => {
      await client.load(model);
      expect(await client.index(model)).toEqual([`${model} 1 READY`]);
    });

    it.each(Object.entries(coldModels))('does not serve what fails to warm up: %s', async (model, { reason }) => {
      const text = reason.replace('REPOSITORY', server.repository);
      const failure = await client.load(model).catch((error: Error) => error.message);
      expect(failure).toContain(`load failed for model '${model}': version 1 is at UNAVAILABLE state: ${text}`);
      expect((await client.index(model))[0]).toContain(`${model} 1 UNAVAILABLE ${text.replace(/;$/, '')}`);
    });

    it('loads several models at the same time', async () => {
      const names = ['a', 'b', 'c', 'd'];
      for (const model of names) {
        await write(`${model}/config.pbtxt`, configText());
        await write(`${model}/1/model.onnx`, negated);
      }
      await Promise.all(names.map(model => client.load(model)));
      for (const model of names) expect(await client.ask(model)).toEqual({ version: '1', values: minus });
    });
  });
}
