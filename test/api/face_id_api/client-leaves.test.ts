import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readMetric } from '../read-metric.ts';
import { base64, fakeFinder, photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

describe('a client that leaves before its reply', () => {
  it('stops the work on its photos, and nothing is enrolled', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const finder = fakeFinder({
      find: (_, __, { signal }) => {
        ask();
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            reject(signal.reason);
            stop();
          }),
        );
      },
    });
    const { app, deps } = await startApi({ finder, limits: { maxInFlight: 1 } });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const leaving = new AbortController();
    const request = fetch(`${url}/generate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 1, images: [{ image: base64(photo(1)) }] }),
      signal: leaving.signal,
    });
    await asked;
    leaving.abort();
    await expect(request).rejects.toThrow();
    await stopped;
    expect(await deps.store.gallery('default').get(1)).toBeNull();
    // Its place among the requests at once is free again.
    const healthy = async () => (await fetch(`${url}/infer`, { method: 'POST' })).status;
    for (let i = 0; i < 100 && (await healthy()) === 503; i++) await wait(10);
    expect(await healthy()).toBe(400);
    // Neither is it counted as under way, nor as answered.
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(readMetric(metrics, 'face_id_http_requests_in_flight')).toBe(1);
    expect(
      readMetric(metrics, 'face_id_http_request_seconds_count{method="POST",route="/generate",status="499"}'),
    ).toBe(1);
  });
});
