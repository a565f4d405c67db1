import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureModels } from './fixture-repository.ts';
import type { OpenedTriton, OpenTriton } from './open-triton.ts';

const { identity } = fixtureModels;

const request = { inputs: [{ name: 'INPUT0', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] }] };
const body = Buffer.from(JSON.stringify(request));
const answered = {
  model_name: 'identity',
  model_version: '1',
  outputs: [{ name: 'OUTPUT0', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] }],
};

/** What NVIDIA's server does and the embedded one does not, on purpose: each case stands in `known-differences.json` with its reason. */
export function describeDeliberateDifferences(name: string, open: OpenTriton): void {
  describe(`${name}, where the two may differ,`, () => {
    let server: OpenedTriton;

    beforeAll(async () => {
      server = await open({ models: { identity } });
    });
    afterAll(async () => {
      await server?.close();
    });

    const post = (path: string, sent: Buffer, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`http://${server.httpAddress}${path}`, { method: 'POST', body: new Uint8Array(sent), headers });

    it('goes on with what it could read of a damaged gzip body', async () => {
      const sums = 8;
      const damaged = Buffer.concat([gzipSync(body).subarray(0, -sums), Buffer.alloc(sums)]);
      const reply = await post('/v2/models/identity/infer', damaged, { 'content-encoding': 'gzip' });
      expect(await reply.json()).toEqual(answered);
    });

    it('takes JSON nested to any depth', async () => {
      const deep = `${'['.repeat(600)}${']'.repeat(600)}`;
      const nested = Buffer.from(JSON.stringify(request).replace('{', `{"deep":${deep},`));
      expect(await (await post('/v2/models/identity/infer', nested)).json()).toEqual(answered);
    });

    it('answers /generate, tensors as plain fields of JSON', async () => {
      const reply = await post('/v2/models/identity/generate', Buffer.from('{"INPUT0":[1,2,3,4]}'));
      expect(await reply.json()).toEqual({ OUTPUT0: [1, 2, 3, 4], model_name: 'identity', model_version: '1' });
    });
  });
}
