import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../config.ts';
import { isolateFace } from '../../detector/isolate-face.ts';
import { startProduct } from './product.ts';
import { curlSettings, runShell, shellBlocks } from './shell-blocks.ts';
import { samplePhotos, testConfig } from './test-models.ts';

const documents = ['docs/api.md', 'docs/quality.md', 'README.md'];

/** The shell blocks of a document in which the service is called. */
async function callsOf(document: string): Promise<string[]> {
  const blocks = (await shellBlocks(document)).map(({ script }) => script);
  return blocks.filter(block => block.includes('curl') || document === 'docs/api.md');
}

describe('every documented curl line', () => {
  let config: Config;
  let product: Awaited<ReturnType<typeof startProduct>>;
  let folder: string;

  beforeAll(async () => {
    // docs/api.md enrols unknown faces, too.
    config = await testConfig({ unknowns: { keep: true } });
    product = await startProduct(config);
    folder = await mkdtemp(path.join(tmpdir(), 'face-id-docs-'));
    const photo = await readFile(path.join(samplePhotos, 'sample1.jpg'));
    const [ann, bob] = (await product.infer(photo)).body.faces;
    await writeFile(path.join(folder, 'group.jpg'), photo);
    await writeFile(path.join(folder, 'ann.jpg'), await isolateFace(photo, ann!.bounding_box, 0.6));
    await writeFile(path.join(folder, 'bob.jpg'), await isolateFace(photo, bob!.bounding_box, 0.6));
    const address = (url: string | null): string => new URL(url ?? '').host;
    const addresses = { 8004: address(product.apiUrl), 5000: address(product.detectorUrl) };
    await writeFile(path.join(folder, '.curlrc'), curlSettings(addresses));
  });
  afterAll(async () => {
    await product.close();
    await rm(config.data_dir, { recursive: true });
    await rm(folder, { recursive: true });
  });

  it.each(documents)(
    'of %s works as it is written',
    async document => {
      const { code, output } = await runShell(await callsOf(document), { folder });
      expect(code, output).toBe(0);
    },
    60_000,
  );

  it('is one of docs/api.md for each operation of the API', async () => {
    const calls = (await callsOf('docs/api.md')).join('').replaceAll('\\\n', ' ').split('\n');
    const called = calls.flatMap(line => {
      const target = /localhost:8004(\/[^\s'"?]*)/.exec(line)?.[1];
      if (target === undefined) return [];
      const method = /-X (\w+)/.exec(line)?.[1] ?? (/ (-d|-F|--data-binary) /.test(line) ? 'POST' : 'GET');
      return [`${method} ${target}`];
    });
    const { paths } = (await product.call('GET', '/openapi.json')).body as unknown as { paths: Record<string, object> };
    const operations = Object.entries(paths).flatMap(([route, item]) =>
      Object.keys(item).map(method => `${method.toUpperCase()} ${route}`),
    );
    const missing = operations.filter(operation => {
      const pattern = new RegExp(`^${operation.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
      return !called.some(call => pattern.test(call));
    });
    expect(operations.length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });
});
