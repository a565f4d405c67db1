import { rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTritonClient } from '../../../../../triton/client/create-triton-client.ts';
import type { TritonConfig } from '../../../../../triton/config.ts';
import { type ModelControl, toModelControl } from '../../../../../triton/server/repository/model-control.ts';
import { readyTable } from '../../../../../triton/server/repository/ready-table.ts';
import { fixtureModels, writeRepository } from '../../../../contract/triton/fixture-repository.ts';
import { type EmbeddedTriton, openEmbeddedTriton } from '../../../../contract/triton/open-embedded-triton.ts';
import { openTestRepository } from './open-repository.ts';

const { identity } = fixtureModels;
const tensors = `input [{ name: "INPUT0" data_type: TYPE_FP32 dims: [4] }] output [{ name: "OUTPUT0" data_type: TYPE_FP32 dims: [4] }]`;

describe('a repository with broken models', () => {
  let repository: Awaited<ReturnType<typeof writeRepository>>;
  let triton: EmbeddedTriton;

  beforeAll(async () => {
    repository = await writeRepository({
      identity,
      broken: { config: `max_batch_size: 1 ${tensors}`, versions: { 1: Uint8Array.of(1, 2, 3) } },
      contradicting: { config: `max_batch_size: 1 ${tensors.replace('[4]', '[5]')}`, versions: identity.versions },
      empty: { config: `backend: "onnxruntime" max_batch_size: 1 ${tensors}`, versions: {} },
      nothing: { config: 'max_batch_size: 1', versions: {} },
      minimal: { config: 'max_batch_size: 2', versions: identity.versions },
      other: { config: 'name: "another"', versions: identity.versions },
      outside: { config: 'default_model_filename: "../../secret.onnx"', versions: identity.versions },
      torch: { config: `platform: "pytorch_libtorch" ${tensors}`, versions: identity.versions },
      unreadable: { config: 'max_batch_size: oops', versions: identity.versions },
      '.being-written': identity,
    });
    await writeFile(path.join(repository.directory, 'a-file'), 'no model');
    await symlink(path.join(repository.directory, 'identity'), path.join(repository.directory, 'linked'));
    triton = await openEmbeddedTriton(repository.directory);
  });

  afterAll(async () => {
    await triton.close();
    await repository.remove();
  });

  it('shows in its table what is ready and why the rest is not', () => {
    const rows = triton.server.readyTable().split('\n');
    const row = (model: string): string => rows.find(line => line.startsWith(`| ${model} `)) ?? '';
    expect(row('identity')).toMatch(/\| 1 +\| READY +\|$/);
    expect(row('broken')).toMatch(/\| 1 +\| UNAVAILABLE: Internal: .*Protobuf parsing failed/);
    expect(row('contradicting')).toMatch(/UNAVAILABLE: Invalid argument: input 'INPUT0': config.pbtxt says \[-1,5\]/);
    expect(row('empty')).toMatch(/\| - +\| Not loaded: No model version was found/);
    expect(row('nothing')).toMatch(
      /Not loaded: expected a backend or a platform in config.pbtxt, or a file 'model.onnx'/,
    );
    expect(row('minimal')).toMatch(/READY/);
    expect(row('linked')).toMatch(/Not loaded: config.pbtxt: expected the folder's name 'linked', got name 'identity'/);
    expect(row('other')).toMatch(/expected the folder's name 'other', got name 'another'/);
    expect(row('outside')).toMatch(/default_model_filename: expected a file name, got '..\/..\/secret.onnx'/);
    expect(row('torch')).toMatch(
      /UNAVAILABLE: Invalid argument: .*ONNX models only, not 'pytorch_libtorch': use NVIDIA Triton/,
    );
    expect(row('unreadable')).toMatch(/Not loaded: 1:17: field 'max_batch_size'/);
    expect(rows.some(line => line.includes('being-written') || line.includes('a-file'))).toBe(false);
    expect(new Set(rows.map(line => line.length)).size).toBe(1);
  });

  it('serves the others, and answers for the broken ones as Triton does', async () => {
    const client = createTritonClient({ address: triton.address, deadlineMs: 20_000 });
    try {
      expect(await client.serverReady()).toBe(false);
      expect(await client.serverLive()).toBe(true);
      expect(await client.modelReady('broken')).toBe(false);
      expect(await client.modelReady('unreadable')).toBe(false);
      const data = new Uint8Array(16);
      const inputs = [{ name: 'INPUT0', datatype: 'FP32' as const, shape: [1, 4], data }];
      for (const model of ['identity', 'minimal']) {
        expect((await client.infer({ model, inputs })).outputs.get('OUTPUT0')?.shape).toEqual([1, 4]);
      }
      const refused = (model: string, version?: string) => client.infer({ model, version, inputs });
      await expect(refused('broken')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: "Request for unknown model: 'broken' has no available versions",
      });
      await expect(refused('broken', '1')).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: "Request for unknown model: 'broken' version 1 is not at ready state",
      });
      await expect(refused('empty')).rejects.toMatchObject({ message: /'empty' has no available versions/ });
      await expect(refused('unreadable')).rejects.toMatchObject({ message: /'unreadable' is not found/ });
      const index = await client.repositoryIndex();
      const names = index.map(({ name }) => name);
      expect(index.find(({ name }) => name === 'unreadable')).toMatchObject({ version: '', state: '', reason: '' });
      expect(names.filter(name => ['empty', '.being-written', 'a-file'].includes(name))).toEqual([]);
    } finally {
      client.close();
    }
  });
});

describe('the embedded server', () => {
  it.each([
    ['a configuration that cannot be read is no model', 'max_batch_size: oops', { 1: new Uint8Array() }, true],
    ['a model without a version is not ready', 'backend: "onnxruntime"', {}, false],
  ])('is ready as a real Triton is: %s', async (_, config, versions, ready) => {
    const repository = await writeRepository({ identity, other: { config, versions } });
    const triton = await openEmbeddedTriton(repository.directory);
    const client = createTritonClient({ address: triton.address, deadlineMs: 20_000 });
    expect(await client.serverReady()).toBe(ready);
    client.close();
    await triton.close();
    await repository.remove();
  });

  it('does not start over a repository that is not there, and leaves nothing open', async () => {
    await expect(openEmbeddedTriton('/nowhere/models')).rejects.toThrow(/nowhere/);
  });

  it('does not start on a port that is taken, and says which', async () => {
    const repository = await writeRepository({ identity });
    const first = await openEmbeddedTriton(repository.directory);
    const grpcPort = Number(first.address.split(':')[1]);
    await expect(openEmbeddedTriton(repository.directory, { grpcPort })).rejects.toThrow(
      new RegExp(`Triton's gRPC port 127\\.0\\.0\\.1:${grpcPort} cannot be bound`),
    );
    await first.close();
    await repository.remove();
  });
});

describe('a folder without config.pbtxt', () => {
  it('is served as its graph says, in batches where it can, or refused by the name of its backend', async () => {
    const files = { config: '', versions: identity.versions };
    const { repository, directory, index, close } = await openTestRepository(
      { auto: files, torch: files },
      { mode: 'explicit', loadModels: [] },
    );
    for (const model of ['auto', 'torch']) await rm(path.join(directory, model, 'config.pbtxt'));
    await rename(path.join(directory, 'torch/1/model.onnx'), path.join(directory, 'torch/1/model.pt'));
    await repository.load('auto', {});
    expect(repository.find('auto', '').model.config).toMatchObject({
      name: 'auto',
      backend: 'onnxruntime',
      platform: 'onnxruntime_onnx',
      maxBatchSize: 4,
      input: [{ name: 'INPUT0', dims: [4n] }],
      schedulingChoice: { case: 'dynamicBatching', value: { preferredBatchSize: [4] } },
    });
    await expect(repository.load('torch', {})).rejects.toThrow(
      "the embedded server serves ONNX models only, not 'pytorch': use NVIDIA Triton for it, or an ONNX version of the model",
    );
    expect(await index('torch')).toEqual([
      expect.stringMatching(/^1 UNAVAILABLE Invalid argument: the embedded server/),
    ]);
    await close();
  });
});

describe('the control mode', () => {
  const config = { repository_poll_secs: 2, load_models: ['a'] };

  it.each<[TritonConfig['model_control_mode'], string[], ModelControl]>([
    ['none', ['a'], { mode: 'none' }],
    ['poll', ['a'], { mode: 'poll', intervalMs: 2000 }],
    ['explicit', ['a'], { mode: 'explicit', loadModels: ['a', 'embedder'] }],
    ['explicit', ['embedder', 'a'], { mode: 'explicit', loadModels: ['embedder', 'a'] }],
    ['explicit', [], { mode: 'explicit', loadModels: ['embedder'] }],
    ['explicit', ['*'], { mode: 'explicit', loadModels: ['*'] }],
  ])('%s with %j loads what the product needs', (mode, loadModels, control) => {
    expect(toModelControl({ ...config, model_control_mode: mode, load_models: loadModels }, 'embedder')).toEqual(
      control,
    );
  });

  it.each([
    ['all', ['*'], ['a', 'b']],
    ['those that are named and there', ['b', 'nope'], ['b']],
    ['none', [], []],
  ])('explicit loads %s at the start', async (_, loadModels, expected) => {
    const models = { a: identity, b: { ...identity, config: 'max_batch_size: 8' } };
    const test = await openTestRepository(
      { ...models, a: { ...identity, config: '' } },
      { mode: 'explicit', loadModels },
    );
    expect(['a', 'b'].filter(model => test.repository.isReady(model, ''))).toEqual(expected);
    expect(test.warnings).toHaveLength(loadModels.includes('nope') ? 1 : 0);
    expect(test.repository.statuses().map(({ name }) => name)).toEqual([
      ...expected,
      ...(loadModels.includes('nope') ? ['nope'] : []),
    ]);
    await test.close();
  });

  it('none takes no orders, and says so in the words of a real Triton', async () => {
    const test = await openTestRepository({ identity }, { mode: 'none' });
    const refused = {
      code: 'UNAVAILABLE',
      message: 'explicit model load / unload is not allowed if polling is enabled',
    };
    await expect(test.repository.load('identity', {})).rejects.toMatchObject(refused);
    await expect(test.repository.unload('identity', {})).rejects.toMatchObject(refused);
    expect(test.repository.isReady('identity', '')).toBe(true);
    await test.close();
  });
});

describe('the table of models', () => {
  it('gives every line of a reason a row of its own', () => {
    const table = readyTable([
      { name: 'a', version: '1', status: 'READY' },
      { name: 'model', version: '-', status: 'UNAVAILABLE: one\ntwo' },
    ]);
    expect(table).toBe(
      [
        '+-------+---------+------------------+',
        '| Model | Version | Status           |',
        '+-------+---------+------------------+',
        '| a     | 1       | READY            |',
        '| model | -       | UNAVAILABLE: one |',
        '|       |         | two              |',
        '+-------+---------+------------------+',
      ].join('\n'),
    );
  });
});
