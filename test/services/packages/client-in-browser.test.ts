import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildApiApp } from '../../../face_id_api/app.ts';
import { buildPackage } from '../../../face_id_api/client/package/build-package.ts';
import { fakeDeps, photo } from '../../api/face_id_api/fake-deps.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const missing = executablePath === undefined ? ' (skipped: there is no Chromium in /usr/bin)' : '';
const openapiFetch = path.join(path.dirname(createRequire(import.meta.url).resolve('openapi-fetch')), 'index.mjs');
const page = `<script type="importmap">{"imports":{"openapi-fetch":"/openapi-fetch.mjs"}}</script>
  <script type="module">import * as sdk from '/lib/index.js'; globalThis.sdk = sdk;</script>`;
type Sdk = typeof import('../../../face_id_api/client/index.ts');

let built: string;
beforeAll(async () => {
  built = await mkdtemp(path.join(tmpdir(), 'face-id-client-'));
  await buildPackage(built);
  return () => rm(built, { recursive: true });
});

/** A page of another origin than the service's, with the package as it is published and no bundler; its address. */
async function servePage(): Promise<string> {
  const server = http.createServer(async (request, response) => {
    if (request.url === '/') return response.setHeader('content-type', 'text/html').end(page);
    const file = request.url === '/openapi-fetch.mjs' ? openapiFetch : path.join(built, request.url ?? '');
    const code = await readFile(file).catch(() => null);
    response.statusCode = code === null ? 404 : 200;
    return response.setHeader('content-type', 'text/javascript').end(code);
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.skipIf(executablePath === undefined)(`face-id-client in a browser${missing}`, () => {
  it('enrols, asks, lists, exports, erases and tells errors, from a page of another origin', async () => {
    const origin = await servePage();
    const deps = fakeDeps();
    const app = await buildApiApp({ ...deps, access: { cors_origins: [origin] } });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
    onTestFinished(async () => {
      await browser.close();
      await app.close();
      await deps.store.close();
    });
    const tab = await browser.newPage();
    await tab.goto(origin);
    await tab.waitForFunction(() => 'sdk' in globalThis);
    const said = await tab.evaluate(
      async ({ url, bytes }) => {
        const { createFaceIdClient }: Sdk = Reflect.get(globalThis, 'sdk');
        const faceId = createFaceIdClient({ url });
        const image = new Blob([new Uint8Array(bytes)]);
        const code = (error: { code?: string; requestId?: string | null }) => [error.code, typeof error.requestId];
        return {
          enrolled: (await faceId.enrol({ id: 7, images: [image] })).enrolled,
          found: (await faceId.infer(image)).faces.map(face => face.id),
          listed: await Array.fromAsync(faceId.identities.list({ limit: 1 }), ({ id }) => id),
          lines: (await Array.fromAsync(faceId.galleries.export('default'))).length,
          erased: (await faceId.identities.delete(7)).deleted.identities,
          unknown: await faceId.identities.get(7).then(() => [], code),
          nowhere: await createFaceIdClient({ url: 'http://127.0.0.1:9' })
            .models()
            .then(() => [], code),
        };
      },
      { url, bytes: [...photo(1)] },
    );
    expect(said).toEqual({
      ...{ enrolled: 1, found: [7], listed: [7], lines: 3, erased: 1 },
      // The request's id is a header that the service lets pages read.
      ...{ unknown: ['UNKNOWN_ID', 'string'], nowhere: ['UNREACHABLE', 'object'] },
    });
  });
});
