import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../config.ts';
import { spawnProduct } from './spawn-product.ts';
import { testConfig } from './test-models.ts';

describe('the whole service', () => {
  let config: Config;
  let home: string;

  beforeAll(async () => {
    config = await testConfig();
    home = await mkdtemp(path.join(tmpdir(), 'face-id-home-'));
  });
  afterAll(async () => {
    await rm(config.data_dir, { recursive: true });
    await rm(home, { recursive: true });
  });

  it('has ONNX Runtime collect nothing about its sessions to send: it keeps that in the home folder', async () => {
    const { child, apiUrl } = await spawnProduct(config, { HOME: home, XDG_CACHE_HOME: path.join(home, '.cache') });
    try {
      await expect.poll(async () => (await fetch(`${apiUrl}/readyz`)).status).toBe(200);
      expect(await readdir(home)).toEqual([]);
    } finally {
      child.kill();
    }
  });
});
