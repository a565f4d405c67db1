import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { clientModels, loadableModels } from '../../contract/triton/client-models.ts';
import { holdKnownDifferences } from '../../contract/triton/known-differences.ts';
import { openEmbedded } from '../../contract/triton/open-embedded-triton.ts';
import type { OpenTriton } from '../../contract/triton/open-triton.ts';
import { openRealTriton } from '../triton/open-real-triton.ts';

const [real, clients] = [inject('realTriton'), inject('tritonclient')];
const script = path.join(import.meta.dirname, 'ask.py');
const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };

/** What a case gave: see ask.py. */
const answersSchema = z.record(
  z.string(),
  z.union([
    z.strictObject({ value: z.unknown() }),
    z.strictObject({ refused: z.strictObject({ status: z.string().nullable(), message: z.string() }) }),
    z.strictObject({ failed: z.string() }),
  ]),
);
type Answers = z.infer<typeof answersSchema>;

if ('missing' in real || 'missing' in clients) {
  describe("NVIDIA's Python clients", () => {
    it.skip(`skipped: ${'missing' in real ? real.missing : 'missing' in clients && clients.missing}`);
  });
} else {
  const cases = z
    .array(z.string())
    .parse(JSON.parse(execFileSync(clients.python, [script, '--list'], { env, encoding: 'utf8' })));

  holdKnownDifferences('tritonclient');
  describe("NVIDIA's Python clients find in the embedded server what they find in NVIDIA's", () => {
    let ours: Answers;
    let theirs: Answers;

    beforeAll(async () => {
      ours = await answersOf(openEmbedded, clients.python);
      theirs = await answersOf(openRealTriton(real.run), clients.python);
    }, 600_000);

    it.each(cases)('%s', name => {
      expect(theirs[name]).not.toHaveProperty('failed');
      expect(ours[name]).toEqual(theirs[name]);
    });
  });
}

/** Every case's answer of one server over `client-models.ts`. */
async function answersOf(open: OpenTriton, python: string): Promise<Answers> {
  const triton = await open({ models: clientModels, loadAtStart: loadableModels });
  try {
    const args = [script, '--grpc', triton.address, '--http', triton.httpAddress];
    const { stdout } = await promisify(execFile)(python, args, { env, maxBuffer: 64 << 20, timeout: 300_000 });
    return answersSchema.parse(JSON.parse(stdout));
  } finally {
    await triton.close();
  }
}
