import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { failingModel, negated, same, warmUpText } from '../../../../contract/triton/control-models.ts';
import type { ModelFiles } from '../../../../contract/triton/fixture-repository.ts';
import { type OpenedRepository, openTestRepository } from './open-repository.ts';

const opened: OpenedRepository[] = [];
afterEach(async () => {
  for (const repository of opened.splice(0)) await repository.close();
});

const fp32 = 'data_type: TYPE_FP32 dims: [ 4 ]';
const model = (...args: Parameters<typeof warmUpText>): ModelFiles => ({
  config: warmUpText(...args),
  versions: { 1: same },
});

/** The first feed of every run, and why the model is not ready. */
async function warm(files: ModelFiles) {
  const test = await openTestRepository({ m: files }, { mode: 'explicit', loadModels: [] });
  opened.push(test);
  await mkdir(path.join(test.directory, 'm/warmup'));
  await writeFile(path.join(test.directory, 'm/warmup/sample.bin'), new Uint8Array(Float32Array.of(5, 6, 7, 8).buffer));
  const feeds: { dims: readonly number[]; values: number[] }[] = [];
  test.pool.before = async (job, input) => {
    if (job !== 'infer-job') return;
    const { dims, parts } = Reflect.get(Object(input), 'feeds')[0];
    feeds.push({ dims, values: [...new Float32Array(parts[0].buffer, 0, dims[0] * 4)] });
  };
  await test.repository.load('m', {}).catch(() => undefined);
  const [state = ''] = await test.index('m');
  return { feeds, state: state.replaceAll(test.directory, 'REPOSITORY'), ran: test.pool.ran };
}

describe('the warm-up of a model', () => {
  it('runs in every thread before it is ready, as often and as large as it says', async () => {
    const { feeds, state, ran } = await warm(model(`${fp32} zero_data: true`, 'batch_size: 3 count: 2'));
    expect(feeds).toEqual(Array(2).fill({ dims: [3, 4], values: Array(12).fill(0) }));
    expect(ran).toEqual(['load-job', 'load-job everywhere', 'infer-job everywhere', 'infer-job everywhere']);
    expect(state).toBe('1 READY');
  });

  it('takes its data from a file, or from chance', async () => {
    expect((await warm(model(`${fp32} input_data_file: "sample.bin"`))).feeds).toEqual([
      { dims: [1, 4], values: [5, 6, 7, 8] },
    ]);
    const { feeds } = await warm(model(`${fp32} random_data: true`));
    expect(new Set(feeds[0]?.values).size).toBeGreaterThan(1);
  });

  it('is left out for a batch of none', async () => {
    const { feeds, state } = await warm(model(`${fp32} zero_data: true`, 'batch_size: 0'));
    expect({ feeds, state }).toEqual({ feeds: [], state: '1 READY' });
  });

  it.each<[string, ModelFiles, RegExp]>([
    [
      'the model fails',
      failingModel,
      /^1 UNAVAILABLE Invalid argument: failed to run warmup sample 'sample': Failed to process the request\(s\) for model 'm' version 1, message: .*Squeeze.*;$/s,
    ],
    [
      'its batch is too large',
      model(`${fp32} zero_data: true`, 'batch_size: 9'),
      /Invalid argument: .* inference request batch-size must be <= 8 for 'm'$/,
    ],
    [
      'its file lies elsewhere',
      model(`${fp32} input_data_file: "../1/model.onnx"`),
      /input_data_file: expected a file in the model's folder warmup, got '..\/1\/model.onnx'$/,
    ],
    [
      'it is too large to be held',
      model('data_type: TYPE_FP32 dims: [ 100000000 ] zero_data: true'),
      /warmup sample 'sample': expected at most 209715200 bytes, got 400000000$/,
    ],
  ])('keeps the version away when %s', async (_, files, state) => {
    expect((await warm(files)).state).toMatch(state);
  });

  it('ends between two runs when the server closes', async () => {
    const { config } = model(`${fp32} zero_data: true`, 'batch_size: 1 count: 1000000');
    const test = await openTestRepository(
      { m: { config, versions: { 1: negated } } },
      { mode: 'explicit', loadModels: [] },
    );
    const runs = Promise.withResolvers<void>();
    test.pool.before = async job => {
      if (job === 'infer-job') runs.resolve();
    };
    const load = expect(test.repository.load('m', {})).rejects.toThrow('the server is shutting down');
    await runs.promise;
    await test.close();
    await load;
  });
});
