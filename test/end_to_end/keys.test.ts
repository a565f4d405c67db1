import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, ConfigError } from '../../config.ts';
import { startProduct } from './product.ts';
import { environmentOf, root, spawnProduct } from './spawn-product.ts';
import { testConfig } from './test-models.ts';

const run = promisify(execFile);

describe('a running product with keys', () => {
  let config: Config;
  let product: { child: ChildProcess; apiUrl: string };

  /** `npm run keys -- …`: what it writes to standard output. */
  async function keys(...args: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, ['main.ts', 'keys', ...args], {
      cwd: root,
      env: environmentOf(config),
    });
    return stdout.trim();
  }
  async function ask(key: string | null, route = '/identities', method = 'GET') {
    const headers = key === null ? {} : { authorization: `Bearer ${key}` };
    const reply = await fetch(new URL(route, product.apiUrl), { method, headers });
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  }
  /** Asked until the service has read its file again. */
  async function until(key: string, status: number): Promise<void> {
    while ((await ask(key)).status !== status) await wait(200);
  }

  beforeAll(async () => {
    config = await testConfig();
    await keys('add', 'first', '--scope', 'admin');
    product = await spawnProduct(config, { FACE_ID__API__LIMITS__REQUESTS_PER_MINUTE: '400' });
  });
  afterAll(async () => {
    product.child.kill('SIGTERM');
    await once(product.child, 'exit');
    await rm(config.data_dir, { recursive: true });
  });

  it('opens to them as far as their scopes go, and takes new, rotated and removed ones over while it runs', async () => {
    expect((await ask(null, '/healthz')).status).toBe(200);
    const nobody = await ask(null);
    expect([nobody.status, JSON.parse(nobody.text).code]).toEqual([401, 'UNAUTHENTICATED']);

    const camera = await keys('add', 'camera', '--scope', 'read');
    await until(camera, 200);
    const forbidden = await ask(camera, '/identities/1', 'DELETE');
    expect([forbidden.status, JSON.parse(forbidden.text).code]).toEqual([403, 'FORBIDDEN']);
    expect((await ask(camera, '/metrics')).status).toBe(403);

    const next = await keys('rotate', 'camera', '--grace', '1h');
    await until(next, 200);
    expect((await ask(camera)).status).toBe(200);
    await keys('remove', 'camera');
    await until(next, 401);
    expect((await ask(camera)).status).toBe(401);
    expect(await keys('list')).toMatch(/first/);
    expect(await keys('list')).not.toMatch(/camera/);
  });

  it('answers 429 to a key that asks too much, and others go on', async () => {
    const [busy, calm] = [await keys('add', 'busy', '--scope', 'read'), await keys('add', 'calm', '--scope', 'read')];
    await until(calm, 200);
    let reply = await ask(busy);
    for (let i = 0; i < 2000 && reply.status === 200; i++) reply = await ask(busy);
    expect([reply.status, JSON.parse(reply.text).code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask(calm)).status).toBe(200);
  });
});

describe('a product without keys', () => {
  it('does not begin where it could be reached from elsewhere, and says what to do', async () => {
    const config = await testConfig({ api: { host: '0.0.0.0' } });
    const started = startProduct(config);
    await expect(started).rejects.toBeInstanceOf(ConfigError);
    await expect(started).rejects.toThrow(/api\.host: 0\.0\.0\.0 .*npm run keys -- add NAME --scope read,enrol/);
    await rm(config.data_dir, { recursive: true });
  });
});

describe('what the product starts for itself', () => {
  it('opens to nobody else', async () => {
    const config = await testConfig();
    const product = await startProduct(config, undefined, 'a-key-of-this-process-alone');
    const statusOf = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(new URL('/identities', product.apiUrl ?? ''), { headers })).status;
    expect([await statusOf({}), await statusOf({ 'x-api-key': 'a-key-of-this-process-alone' })]).toEqual([401, 200]);
    await product.close();
    await rm(config.data_dir, { recursive: true });
  });
});
