import { type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureModels } from './fixture-repository.ts';
import { input, ones, withBinary } from './http-case.ts';
import { observedHttp } from './observed-http.ts';
import type { OpenedTriton, OpenTriton } from './open-triton.ts';

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };
type Sent = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | object;
};

/** What holds over HTTP for any Triton that serves the models of `fixture-repository.ts`, the embedded one and NVIDIA's. */
export function describeHttp(name: string, open: OpenTriton): void {
  describe(`${name}, as any Triton over HTTP,`, () => {
    let server: OpenedTriton;

    beforeAll(async () => {
      server = await open();
    });
    afterAll(async () => {
      await server?.close();
    });

    /** By node:http and not by fetch, which would ask for compressed answers and rewrite paths. */
    async function ask({ body, method = body === undefined ? 'GET' : 'POST', path, headers }: Sent): Promise<Answer> {
      const isText = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
      const payload = Buffer.from(isText ? (body ?? '') : JSON.stringify(body));
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const [host, port] = server.httpAddress.split(':');
      const sent = request({ host, port, method, path, headers: { ...headers, 'content-length': payload.length } });
      sent.on('error', reject);
      sent.on('response', async response => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: await buffer(response) });
      });
      sent.end(payload);
      return await promise;
    }
    const json = async (sent: Sent): Promise<Record<string, unknown>> => JSON.parse((await ask(sent)).body.toString());
    const infer = (model: string, body: Sent['body'], headers?: Sent['headers']): Promise<Answer> =>
      ask({ path: `/v2/models/${model}/infer`, body, headers });

    it.each(observedHttp)('$name', async ({ status, type, answer, ...sent }) => {
      const { body, ...got } = await ask(sent);
      expect({ status: got.status, type: got.headers['content-type'] }).toEqual({ status, type });
      if (typeof answer === 'string') expect(body.toString()).toBe(answer);
      else expect(JSON.parse(body.toString())).toEqual(answer);
    });

    it('names the server, with the extensions of its HTTP side', async () => {
      const metadata = await json({ path: '/v2' });
      expect(metadata).toMatchObject({ name: 'triton', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
      expect(metadata.extensions).toEqual(expect.arrayContaining(['model_configuration', 'binary_tensor_data']));
    });

    it('is ready, and says so of its index', async () => {
      expect((await ask({ path: '/v2/health/ready' })).status).toBe(200);
      const all = await ask({ path: '/v2/repository/index', body: '' });
      const ready = await ask({ path: '/v2/repository/index', body: { ready: true } });
      const models = Object.entries(fixtureModels).flatMap(([name, { versions }]) =>
        Object.keys(versions).map(version => ({ name, version, state: 'READY' })),
      );
      expect(JSON.parse(all.body.toString())).toEqual(models.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
      expect(ready.body).toEqual(all.body);
    });

    it('gives a configuration with every field, 64-bit numbers as numbers', async () => {
      // `runtime` says how NVIDIA's server loads the backend.
      const { runtime, ...config } = await json({ path: '/v2/models/identity/config' });
      expect(runtime).toBeTypeOf('string');
      expect(config).toEqual({
        name: 'identity',
        platform: 'onnxruntime_onnx',
        backend: 'onnxruntime',
        version_policy: { latest: { num_versions: 1 } },
        max_batch_size: 8,
        input: [
          {
            name: 'INPUT0',
            data_type: 'TYPE_FP32',
            format: 'FORMAT_NONE',
            dims: [4],
            is_shape_tensor: false,
            allow_ragged_batch: false,
            optional: false,
            is_non_linear_format_io: false,
          },
        ],
        output: [
          {
            name: 'OUTPUT0',
            data_type: 'TYPE_FP32',
            dims: [4],
            label_filename: '',
            is_shape_tensor: false,
            is_non_linear_format_io: false,
          },
        ],
        batch_input: [],
        batch_output: [],
        optimization: {
          priority: 'PRIORITY_DEFAULT',
          input_pinned_memory: { enable: true },
          output_pinned_memory: { enable: true },
          gather_kernel_buffer_threshold: 0,
          eager_batching: false,
        },
        dynamic_batching: {
          preferred_batch_size: [4, 8],
          max_queue_delay_microseconds: 1000,
          preserve_ordering: false,
          priority_levels: 0,
          default_priority_level: 0,
          priority_queue_policy: {},
        },
        instance_group: [
          {
            name: 'identity_0',
            kind: 'KIND_CPU',
            count: 1,
            gpus: [],
            secondary_devices: [],
            profile: [],
            passive: false,
            host_policy: '',
          },
        ],
        default_model_filename: 'model.onnx',
        cc_model_filenames: {},
        metric_tags: {},
        parameters: {},
        model_warmup: [],
      });
    });

    it('counts in its statistics, in numbers', async () => {
      const of = async (): Promise<{ inference_count: number; inference_stats: { success: { count: number } } }> => {
        const { model_stats: all } = await json({ path: '/v2/models/add/versions/1/stats' });
        return (all as [never])[0];
      };
      const before = await of();
      const tensor = (name: string) => ({ name, datatype: 'FP32', shape: [2, 4], data: [1, 2, 3, 4, 5, 6, 7, 8] });
      expect((await infer('add', { inputs: [tensor('A'), tensor('B')] })).status).toBe(200);
      // NVIDIA's server counts after it has answered.
      await expect.poll(async () => (await of()).inference_count - before.inference_count).toBe(2);
      const after = await of();
      expect(after.inference_stats.success.count - before.inference_stats.success.count).toBe(1);
      const none = { count: 0, ns: 0 };
      expect(after).toMatchObject({
        name: 'add',
        version: '1',
        inference_stats: { cache_hit: none, cache_miss: none },
      });
      const { model_stats: everyModel } = await json({ path: '/v2/models/stats' });
      expect(everyModel).toHaveLength(
        Object.values(fixtureModels).flatMap(({ versions }) => Object.keys(versions)).length,
      );
    });

    it('sets what it is told of logging and traces, and tells it again', async () => {
      const logging = { path: '/v2/logging' };
      const changed = { log_info: false, log_verbose_level: 1, log_format: 'ISO8601' };
      expect(await json({ ...logging, body: changed })).toMatchObject(changed);
      expect(await json(logging)).toMatchObject(changed);
      const before = { log_info: true, log_verbose_level: 0, log_format: 'default' };
      expect(await json({ ...logging, body: before })).toMatchObject(before);

      const common = { path: '/v2/trace/setting' };
      const own = { path: '/v2/models/identity/trace/setting' };
      expect(await json({ ...common, body: { trace_rate: '5', trace_count: '3' } })).toMatchObject({ trace_rate: '5' });
      expect(await json({ ...own, body: { trace_rate: '7' } })).toMatchObject({ trace_rate: '7', trace_count: '3' });
      expect(await json(common)).toMatchObject({ trace_rate: '5' });
      expect(await json({ ...own, body: { trace_rate: null } })).toMatchObject({ trace_rate: '5' });
      const reset = await json({ ...common, body: { trace_rate: null, trace_count: null } });
      expect(reset).toMatchObject({ trace_rate: '1000', trace_count: '-1' });
    });

    it('answers in binary what is wanted in binary, behind the JSON', async () => {
      const floats = (bytes: Buffer): number[] => [...new Float32Array(Uint8Array.from(bytes).buffer)];
      const a = { name: 'A', datatype: 'FP32', shape: [1, 4], parameters: { binary_data_size: 16 } };
      const b = { name: 'B', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] };
      const mixed = { inputs: [a, b], outputs: [{ name: 'SB', parameters: { binary_data: true } }, { name: 'SA' }] };
      const { body, headers: sent } = withBinary(mixed, ones(4));
      const answer = await infer('two', body, sent);
      expect(answer.headers['content-type']).toBe('application/octet-stream');
      const length = Number(answer.headers['inference-header-content-length']);
      expect(JSON.parse(answer.body.subarray(0, length).toString()).outputs).toEqual([
        { name: 'SA', datatype: 'FP32', shape: [1, 1], data: [10] },
        { name: 'SB', datatype: 'FP32', shape: [1, 1], parameters: { binary_data_size: 4 } },
      ]);
      expect(floats(answer.body.subarray(length))).toEqual([6]);
    });

    it('takes binary outputs for the default where that is asked, and of two wishes for an output the first', async () => {
      const isBinary = async (more: object): Promise<boolean> => {
        const { headers } = await infer('identity', { inputs: [input()], ...more });
        return 'inference-header-content-length' in headers;
      };
      const parameters = { binary_data_output: true };
      const wish = (binary_data: boolean) => ({ name: 'OUTPUT0', parameters: { binary_data } });
      expect(await isBinary({ parameters })).toBe(true);
      expect(await isBinary({ parameters, outputs: [{ name: 'OUTPUT0' }] })).toBe(false);
      expect(await isBinary({ outputs: [wish(true), wish(false)] })).toBe(true);
      expect(await isBinary({ outputs: [wish(false), wish(true)] })).toBe(false);
    });

    it('takes a body without JSON for the data of the only input', async () => {
      const { headers, body } = await infer('identity', ones(4), { 'Inference-Header-Content-Length': '0' });
      expect(headers['content-type']).toBe('application/octet-stream');
      expect(body.subarray(Number(headers['inference-header-content-length']))).toEqual(ones(4));
      const deduced = await infer('plain', ones(6), { 'Inference-Header-Content-Length': '0' });
      expect(deduced.body.toString('latin1')).toContain('"shape":[2,3]');
    });

    it('decompresses before it looks for binary data', async () => {
      const request = { inputs: [input({ data: undefined, parameters: { binary_data_size: 16 } })] };
      const { body, headers } = withBinary(request, ones(4));
      const answer = await infer('identity', gzipSync(body as Buffer), { ...headers, 'Content-Encoding': 'gzip' });
      expect(JSON.parse(answer.body.toString()).outputs[0].data).toEqual([1, 2, 3, 4]);
    });

    it.each([
      ['gzip', 'gzip'],
      ['deflate, gzip', 'deflate'],
      ['gzip;q=0.5, deflate', 'deflate'],
      ['identity;q=0.5, gzip;q=0.8', 'gzip'],
      ['identity, gzip', undefined],
      ['gzip;q=0', undefined],
      ['gzip;q=x', undefined],
      ['*', undefined],
      ['br', undefined],
      ['GZIP', undefined],
    ])('answers Accept-Encoding %j with %j', async (accept, coding) => {
      const answer = await infer('identity', { inputs: [input()] }, { 'Accept-Encoding': accept });
      expect(answer.headers['content-encoding']).toBe(coding);
      const decode = { gzip: gunzipSync, deflate: inflateSync, undefined: (body: Buffer) => body }[String(coding)]!;
      expect(JSON.parse(decode(answer.body).toString()).outputs[0].data).toEqual([1, 2, 3, 4]);
    });

    it('compresses neither errors nor other answers', async () => {
      const headers = { 'Accept-Encoding': 'gzip' };
      expect((await infer('identity', { inputs: [] }, headers)).headers).not.toHaveProperty('content-encoding');
      expect((await ask({ path: '/v2', headers })).headers).not.toHaveProperty('content-encoding');
    });

    it('says which codings it takes with the one that it does not', async () => {
      const { headers } = await infer('identity', '{}', { 'Content-Encoding': 'br' });
      expect(headers['accept-encoding']).toBe('gzip, deflate');
    });

    it('takes requests of megabytes, in binary and in JSON', async () => {
      const rows = 32;
      const data = Buffer.alloc(rows * 3 * 96 * 96);
      for (let row = 0; row < rows; row++) data.fill(row, row * 27_648, (row + 1) * 27_648);
      const means = Array.from({ length: rows * 3 }, (_, index) => Math.floor(index / 3));
      const tensor = { name: 'INPUT__0', datatype: 'UINT8', shape: [rows, 3, 96, 96] };
      const binary = { inputs: [{ ...tensor, parameters: { binary_data_size: data.length } }] };
      const { body, headers } = withBinary(binary, data);
      const plain = { inputs: [{ ...tensor, data: [...data] }] };
      for (const answer of [await infer('pixels', body, headers), await infer('pixels', plain)]) {
        expect(JSON.parse(answer.body.toString()).outputs[0].data).toEqual(means);
      }
    });

    it('gives each of many requests at once its own answer', async () => {
      const asked = Array.from({ length: 48 }, (_, index) => index);
      const answers = await Promise.all(
        asked.map(index => {
          const rows = 1 + (index % 4);
          const tensor = (name: string) => ({
            name,
            datatype: 'FP32',
            shape: [rows, 4],
            data: Array(rows * 4).fill(index),
          });
          return infer('add', { id: `r${index}`, inputs: [tensor('A'), tensor('B')] });
        }),
      );
      for (const [index, { body }] of answers.entries()) {
        const { id, outputs } = JSON.parse(body.toString());
        expect({ id, data: outputs[0].data }).toEqual({
          id: `r${index}`,
          data: Array((1 + (index % 4)) * 4).fill(2 * index),
        });
      }
    });
  });
}
