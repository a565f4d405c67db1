import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { installedEmbedder } from '../../end_to_end/test-models.ts';
import { startRealTriton } from './start-real-triton.ts';

const real = inject('realTriton');
const root = path.resolve(import.meta.dirname, '../../..');

/** Of vitest's JSON reporter. */
const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

describe.skipIf('missing' in real)(
  `the product's own tests with triton.url at NVIDIA's server${'missing' in real ? ` (skipped: ${real.missing})` : ''}`,
  () => {
    let triton: Awaited<ReturnType<typeof startRealTriton>>;
    let folder: string;

    beforeAll(async () => {
      if ('missing' in real) return;
      const model = await installedEmbedder();
      folder = await mkdtemp(path.join(tmpdir(), 'triton-end-to-end-'));
      const only = ['--model-control-mode=explicit', `--load-model=${path.basename(model)}`];
      triton = await startRealTriton(real.run, path.dirname(model), only);
    });
    afterAll(async () => {
      await triton?.close();
      await rm(folder, { recursive: true });
    });

    it('all pass', { timeout: 600_000 }, async () => {
      const { output, results } = await runEndToEnd();
      expect(
        results.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
        output,
      ).toEqual([]);
      expect(results.filter(({ status }) => status === 'passed').length, output).toBeGreaterThan(15);
    });

    async function runEndToEnd() {
      const file = path.join(folder, 'report.json');
      const vitest = [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/end_to_end'];
      const args = [...vitest, '--reporter=json', `--outputFile=${file}`];
      const env = {
        ...process.env,
        FACE_ID_TEST_TRITON: triton.address,
        FACE_ID_TEST_TRITON_METRICS: triton.metricsUrl,
      };
      const output = await new Promise<string>(resolve => {
        execFile(process.execPath, args, { cwd: root, env, maxBuffer: 64 << 20 }, (_, stdout, stderr) =>
          resolve(`${stdout}${stderr}`.slice(-20_000)),
        );
      });
      const { testResults } = report.parse(JSON.parse(await readFile(file, 'utf8')));
      return { output, results: testResults.flatMap(({ assertionResults }) => assertionResults) };
    }
  },
);
