import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openEngine } from './open-engine.ts';
import { openStack, type Stack } from './open-stack.ts';

const docker = inject('docker');
const here = import.meta.dirname;
const redisImage = 'face-id-test/redis';

describe.skipIf('missing' in docker)(
  `the profiles of docker-compose.yml${'missing' in docker ? ` (skipped: ${docker.missing})` : ''}`,
  { timeout: 400_000 },
  () => {
    const closers: (() => Promise<unknown>)[] = [];
    let stack: Stack;

    beforeAll(async () => {
      if ('missing' in docker) return;
      const engine = await openEngine(docker.folder);
      closers.push(() => engine.close());
      stack = await openStack(engine);
      closers.push(() => stack.close());
      const recipe = ['-f', path.join(here, 'redis.Dockerfile'), '--build-arg', `BASE_IMAGE=${engine.baseImage}`, here];
      await stack.docker(['build', '-t', redisImage, ...recipe]);
    }, 600_000);
    afterAll(async () => {
      for (const close of closers.reverse()) await close();
    });

    const redis = (args: readonly string[], options = {}) =>
      stack.compose(['--profile', 'full', ...args], { env: { FACE_ID_REDIS_IMAGE: redisImage }, ...options });

    it.each([
      ['none', [], ['api', 'detector', 'triton']],
      ['full', ['--profile', 'full'], ['api', 'detector', 'elasticsearch', 'redis', 'triton']],
      ['gpu', ['--profile', 'gpu'], ['api', 'detector', 'triton', 'triton-gpu']],
    ])('profile %s is valid and starts just its services', async (_, flags, expected) => {
      const { code, output } = await stack.compose([...flags, 'config', '--services']);
      expect(code, output).toBe(0);
      const names = output.split('\n').filter(line => /^[a-z-]+$/.test(line));
      // Compose 1.29 lists every service, whatever the profile.
      expect(names).toEqual(expect.arrayContaining(expected));
    });

    it('leads the API to Elasticsearch with the second file, its password from a file', async () => {
      const files = ['-f', 'docker-compose.yml', '-f', 'deploy/compose.elasticsearch.yml', '--profile', 'full'];
      const { code, output } = await stack.compose([...files, 'config']);
      expect(code, output).toBe(0);
      expect(output).toMatch(/"kind": "elasticsearch"/);
      expect(output).toMatch(/"password_file":\s+"\/run\/secrets\/elastic_password"/);
    });

    it('starts no Redis with an empty password', async () => {
      await stack.writeSecret('redis_password', '\n');
      const { code, output } = await redis(['run', '--rm', '--no-deps', 'redis']);
      expect(code).not.toBe(0);
      expect(output).toContain('secrets/redis_password is empty');
    });

    it('starts Redis healthy, which takes the password and nothing else, and keeps what it was told', async () => {
      await stack.writeSecret('redis_password', `${stack.key}\n`);
      const up = await redis(['up', '-d', 'redis']);
      expect(up.code, up.output).toBe(0);
      await stack.waitUntilHealthy(['redis']);
      const ask = async (script: string): Promise<string> =>
        (await redis(['exec', '-T', 'redis', 'sh', '-c', script])).output;
      expect(await ask('redis-cli ping')).toContain('NOAUTH');
      const asked = 'REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli';
      expect(await ask(`${asked} set kept yes`)).toContain('OK');
      expect(await ask('tr "\\0" " " < /proc/1/cmdline')).not.toContain(stack.key);
      await redis(['restart', 'redis']);
      await stack.waitUntilHealthy(['redis']);
      expect(await ask(`${asked} get kept`)).toContain('yes');
    });
  },
);
