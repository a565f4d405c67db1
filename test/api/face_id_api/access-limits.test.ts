import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { fakeFinder, photo } from './fake-deps.ts';
import { issuedKeys } from './issued-keys.ts';
import { startApi } from './start-api.ts';

const issued = issuedKeys();
const { keys } = issued;
const limits = { requests_per_minute: 1000, photos_at_once: 16, failures_per_minute: 30 };
const ask = (key: string): InjectOptions => ({ method: 'GET', url: '/identities', headers: { 'x-api-key': key } });

describe('limits', () => {
  it('without keys count nobody, and everything is open', async () => {
    const { app } = await startApi({
      access: { limits: { ...limits, requests_per_minute: 1, failures_per_minute: 1 } },
    });
    for (let i = 0; i < 3; i++) {
      const reply = await app.inject({ url: '/identities', headers: { 'x-api-key': 'of-another-service' } });
      expect([reply.statusCode, reply.headers['ratelimit-limit']]).toEqual([200, undefined]);
    }
  });

  it('are of each key by itself: requests a minute', async () => {
    const { app } = await startApi({ access: { keys, limits: { ...limits, requests_per_minute: 2 } } });
    const first = await app.inject(ask(issued.read));
    expect(first.headers).toMatchObject({ 'ratelimit-limit': '2', 'ratelimit-remaining': '1' });
    await app.inject(ask(issued.read));
    const refused = await app.inject(ask(issued.read));
    expect(refused.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(refused.headers['ratelimit-remaining']).toBe('0');
    expect((await app.inject(ask(issued.admin))).statusCode).toBe(200);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  it('are of each key by itself: photo requests at once', async () => {
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const plain = fakeFinder();
    const finder = fakeFinder({
      find: async (...args) => {
        begin();
        await release;
        return plain.find(...args);
      },
    });
    const { app } = await startApi({ finder, access: { keys, limits: { ...limits, photos_at_once: 1 } } });
    const infer = async (key: string) =>
      app.inject({
        method: 'POST',
        url: '/infer',
        payload: { image: photo(1).toString('base64') },
        headers: { 'x-api-key': key },
      });
    const waiting = infer(issued.read);
    await begun;
    const refused = await infer(issued.read);
    expect(refused.json()).toMatchObject({
      status: 429,
      code: 'RATE_LIMITED',
      detail: expect.stringContaining('photo'),
    });
    expect(refused.headers['retry-after']).toBe('1');
    expect((await app.inject(ask(issued.read))).statusCode).toBe(200);
    const other = infer(issued.admin);
    resolve();
    expect([(await waiting).statusCode, (await other).statusCode]).toEqual([200, 200]);
    expect((await infer(issued.read)).statusCode).toBe(200);
  });

  it('are of each address for wrong keys: then even the right plain key is not looked at, a stored one is', async () => {
    const { app } = await startApi({ access: { keys, limits: { ...limits, failures_per_minute: 2 } } });
    const from = (remoteAddress: string, key: string) => app.inject({ ...ask(key), remoteAddress });
    for (let i = 0; i < 2; i++) expect((await from('10.0.0.1', `guess-${i}`)).statusCode).toBe(401);
    expect((await from('10.0.0.1', issued.plain)).statusCode).toBe(200);
    const refused = await from('10.0.0.1', 'guess-2');
    expect(refused.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await from('10.0.0.1', issued.plain)).statusCode).toBe(429);
    expect((await from('10.0.0.1', issued.read)).statusCode).toBe(200);
    expect((await from('10.0.0.2', issued.plain)).statusCode).toBe(200);
    // No key is no guess.
    expect((await app.inject({ url: '/identities', remoteAddress: '10.0.0.1' })).statusCode).toBe(401);
  });

  it('take the address from a proxy only where one is said to be, and only from the next one', async () => {
    const access = { keys, limits: { ...limits, failures_per_minute: 1 } };
    const guess = (forwarded: string): InjectOptions => ({
      url: '/identities',
      headers: { 'x-api-key': 'guess', 'x-forwarded-for': forwarded },
    });
    const direct = (await startApi({ access })).app;
    const proxied = (await startApi({ access: { ...access, behindTlsProxy: true } })).app;
    const statuses = async (app: typeof direct, ...from: string[]) => {
      const found: number[] = [];
      for (const one of from) found.push((await app.inject(guess(one))).statusCode);
      return found;
    };
    expect(await statuses(direct, '10.0.0.1', '10.0.0.2')).toEqual([401, 429]);
    expect(await statuses(proxied, '10.0.0.1', '10.0.0.2', '6.6.6.6, 10.0.0.1')).toEqual([401, 401, 429]);
  });
});
