import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTritonClient } from '../../../../triton/client/create-triton-client.ts';
import type { TritonClient } from '../../../../triton/client/triton-client.ts';
import { createOnnxPool } from '../../../../triton/onnx-pool/onnx-pool.ts';
import { createTritonServer, type TritonServer } from '../../../../triton/server/triton-server.ts';
import { fixtureModels, writeRepository } from '../../../contract/triton/fixture-repository.ts';

/** Families of a real Triton 2.51 on a machine without a GPU, without those of its memory pool and of the machine. */
const families = {
  nv_inference_request_success: 'counter',
  nv_inference_request_failure: 'counter',
  nv_inference_count: 'counter',
  nv_inference_exec_count: 'counter',
  nv_inference_request_duration_us: 'counter',
  nv_inference_queue_duration_us: 'counter',
  nv_inference_compute_input_duration_us: 'counter',
  nv_inference_compute_infer_duration_us: 'counter',
  nv_inference_compute_output_duration_us: 'counter',
  nv_inference_pending_request_count: 'gauge',
};

describe("the embedded server's metrics", () => {
  const pool = createOnnxPool({ threads: 1, maxQueued: 16 });
  const { identity, plain } = fixtureModels;
  let repository: Awaited<ReturnType<typeof writeRepository>>;
  let server: TritonServer;
  let client: TritonClient;
  let url: string;

  beforeAll(async () => {
    repository = await writeRepository({ identity, plain });
    const options = { host: '127.0.0.1', grpcPort: 0, metricsPort: 0 };
    server = createTritonServer({ modelRepository: repository.directory, pool, ...options });
    const { grpcPort, metricsPort } = await server.start();
    client = createTritonClient({ address: `127.0.0.1:${grpcPort}`, deadlineMs: 20_000 });
    url = `http://127.0.0.1:${metricsPort}`;
  });
  afterAll(async () => {
    client.close();
    await server.close();
    await pool.close();
    await repository.remove();
  });

  const text = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
  const infer = (rows: number, datatype: 'FP32' | 'INT32' = 'FP32') =>
    client.infer({
      model: 'identity',
      id: '6f1c7f7e-8a53-4d0b-9a57-0f6f3a0f3b11',
      inputs: [{ name: 'INPUT0', datatype, shape: [rows, 4], data: new Uint8Array(16 * rows) }],
    });

  /** Value of one line; its labels as Triton writes them. */
  async function value(name: string, labels: string): Promise<number> {
    const line = (await text()).split('\n').find(candidate => candidate.startsWith(`nv_inference_${name}{${labels}} `));
    return Number(line?.split(' ').at(-1));
  }

  it('have the names and types of a real Triton, from zero on for every version', async () => {
    const shown = await text();
    const types = [...shown.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]);
    expect(Object.fromEntries(types)).toEqual(families);
    for (const version of ['1', '3']) {
      expect(shown).toContain(`nv_inference_request_success{model="plain",version="${version}"} 0\n`);
      for (const reason of ['CANCELED', 'BACKEND', 'REJECTED', 'OTHER']) {
        const labels = `{model="plain",reason="${reason}",version="${version}"}`;
        expect(shown).toContain(`nv_inference_request_failure${labels} 0\n`);
      }
    }
  });

  it('count requests, their rows and the batches that they ran in', async () => {
    const one = 'model="identity",version="1"';
    await infer(8);
    await infer(2);
    await infer(2);
    expect(await value('request_success', one)).toBe(3);
    expect(await value('count', one)).toBe(12);
    expect(await value('exec_count', one)).toBe(3);
    expect(await value('pending_request_count', one)).toBe(0);
    const durations = ['queue', 'compute_input', 'compute_infer', 'compute_output'];
    const parts = await Promise.all(durations.map(part => value(`${part}_duration_us`, one)));
    expect(parts.every(part => part > 0)).toBe(true);
    const sum = parts.reduce((total, part) => total + part, 0);
    // Each is rounded to a whole microsecond, batch by batch.
    expect(Math.abs((await value('request_duration_us', one)) - sum)).toBeLessThanOrEqual(10);
  });

  it('count a model without batches by its requests', async () => {
    const data = new Uint8Array(24);
    await client.infer({
      model: 'plain',
      version: '3',
      inputs: [{ name: 'IN', datatype: 'FP32', shape: [2, 3], data }],
    });
    expect(await value('count', 'model="plain",version="3"')).toBe(1);
    expect(await value('count', 'model="plain",version="1"')).toBe(0);
  });

  it('do not count what the check of a request refuses, as a real Triton does not', async () => {
    await expect(infer(9)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(infer(1, 'INT32')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await text()).not.toMatch(/request_failure\{.*\} [1-9]/);
  });

  it('hold no id of a request', async () => {
    expect(await text()).not.toContain('6f1c7f7e');
  });

  it('are all that their port answers', async () => {
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/metrics?x=1`, { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await fetch(`${url}/metrics`)).headers.get('content-type')).toMatch(/^text\/plain/);
  });
});

describe("a second server's metrics", () => {
  it('name the port that is taken, and leave nothing open', async () => {
    const pool = createOnnxPool({ threads: 1, maxQueued: 4 });
    const repository = await writeRepository({ plain: fixtureModels.plain });
    const options = { modelRepository: repository.directory, pool, host: '127.0.0.1', grpcPort: 0 };
    const first = createTritonServer({ ...options, metricsPort: 0 });
    const { metricsPort } = await first.start();
    const second = createTritonServer({ ...options, metricsPort: metricsPort ?? 0 });
    await expect(second.start()).rejects.toThrow(new RegExp(`metrics port 127.0.0.1:${metricsPort} cannot be bound`));
    await first.close();
    const { metricsPort: again } = await second.start();
    expect(again).toBe(metricsPort);
    await second.close();
    await pool.close();
    await repository.remove();
  });
});
