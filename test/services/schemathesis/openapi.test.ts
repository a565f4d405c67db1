import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Config } from '../../../config.ts';
import { startProduct } from '../../end_to_end/product.ts';
import { samplePhotos, testConfig } from '../../end_to_end/test-models.ts';

const tool = inject('schemathesis');
const cases = 300;
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
];

if ('missing' in tool) {
  describe('the documented interface', () => {
    it.skip(`skipped: ${tool.missing}`);
  });
} else {
  describe('the documented interface', () => {
    let config: Config;
    let product: Awaited<ReturnType<typeof startProduct>>;

    beforeAll(async () => {
      config = await testConfig();
      product = await startProduct(config);
    });
    afterAll(async () => {
      await product.close();
      await rm(config.data_dir, { recursive: true });
    });

    it.each(['api', 'detector'] as const)(
      `of the %s holds for ${cases} generated requests to each route`,
      async service => {
        const url = service === 'api' ? product.apiUrl : product.detectorUrl;
        const { code, output } = await run(tool.command, `${url}/openapi.json`);
        expect(code, output).toBe(0);
        // A document without routes would pass too.
        expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(cases);
      },
      600_000,
    );

    async function run(command: string, document: string): Promise<{ code: number; output: string }> {
      // Three faces in few bytes, and the fewer pixels the faster are hundreds of requests.
      const photo = path.join(config.data_dir, 'photo.jpg');
      await sharp(path.join(samplePhotos, 'sample1.jpg')).resize(480).jpeg().toFile(photo);
      const args = ['run', document, `--max-examples=${cases}`, `--checks=${checks}`];
      const quiet = ['--no-color', '--warnings=off', '--generation-database=none', '--request-timeout=60'];
      const env = {
        ...process.env,
        SCHEMATHESIS_HOOKS: 'hooks',
        PYTHONPATH: import.meta.dirname,
        PYTHONDONTWRITEBYTECODE: '1',
        FACE_ID_TEST_PHOTO: photo,
      };
      return new Promise(resolve => {
        const phases = '--phases=examples,coverage,fuzzing';
        execFile(
          command,
          [...args, ...quiet, phases],
          { env, cwd: config.data_dir, maxBuffer: 64 << 20 },
          (error, stdout, stderr) =>
            resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}`.slice(-20_000) }),
        );
      });
    }
  });
}
