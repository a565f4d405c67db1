import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readMetric } from '../api/read-metric.ts';
import { startProduct } from './product.ts';
import { spawnProduct } from './spawn-product.ts';
import { samplePhotos, testConfig } from './test-models.ts';

it('SIGTERM ends the product with the requests that have begun: photos in flight are answered, and an enrolment is kept', async () => {
  const config = await testConfig();
  const { child, apiUrl } = await spawnProduct(config);
  const ended = once(child, 'exit');
  const photo = await readFile(path.join(samplePhotos, 'sample1.jpg'));
  const image = photo.toString('base64');
  const asked = [
    { url: '/infer', body: JSON.stringify({ image }) },
    { url: '/generate', body: JSON.stringify({ id: 2576, images: [{ image }] }) },
  ].map(({ url, body }) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const request = http.request(new URL(url, apiUrl), { method: 'POST', headers });
    const half = body.length >> 1;
    request.write(body.slice(0, half));
    const reply = once(request, 'response').then(async ([message]: http.IncomingMessage[]) => ({
      status: message?.statusCode,
      connection: message?.headers.connection,
      body: JSON.parse(await text(message!)),
    }));
    return { reply, finish: () => request.end(body.slice(half)) };
  });
  // Both have arrived as far as they are sent, besides the one that asks.
  const inFlight = async (): Promise<number> =>
    readMetric(await (await fetch(`${apiUrl}/metrics`)).text(), 'face_id_http_requests_in_flight');
  while ((await inFlight()) < 3) await wait(20);

  child.kill('SIGTERM');
  // No new connection is taken from here on.
  const isOpen = () =>
    fetch(`${apiUrl}/healthz`, { headers: { connection: 'close' } }).then(
      ({ ok }) => ok,
      () => false,
    );
  while (await isOpen()) await wait(20);
  for (const { finish } of asked) finish();
  const [infer, generate] = await Promise.all(asked.map(({ reply }) => reply));
  expect(infer).toMatchObject({ status: 200, connection: 'close', body: { faces: [{}, {}, {}] } });
  expect(generate).toMatchObject({ status: 200, connection: 'close', body: { id: 2576, enrolled: 1 } });
  expect(await ended).toEqual([0, null]);

  const again = await startProduct(config);
  expect((await again.call('GET', '/identities/2576')).body).toMatchObject({ templates: 1 });
  await again.close();
  await rm(config.data_dir, { recursive: true });
});
