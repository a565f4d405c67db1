import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLocalStore } from '../../../face_id_api/store/local-store.ts';
import { killedModel, vectorFor } from './killed-enrolment.ts';

const child = fileURLToPath(new URL('./enrol-until-killed.ts', import.meta.url));
const signal = new AbortController().signal;

/** Enrols in a child from number `first` on and kills it after a random while; the numbers that it acknowledged. */
async function enrolAndKill(dataDir: string, first: number): Promise<number[]> {
  const enroller = spawn(process.execPath, [child, dataDir, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  enroller.stdout.on('data', chunk => {
    output += chunk;
  });
  await once(enroller.stdout, 'data');
  await wait(Math.random() * 40);
  enroller.kill('SIGKILL');
  await once(enroller, 'close');
  return output.trimEnd().split('\n').map(Number);
}

describe('kill -9 during enrolment', () => {
  it('loses no acknowledged person, leaves none half, and frees the folder, 20 times', async () => {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'face-id-kill-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    /** Id → number of the last enrolment that was acknowledged for it. */
    const acknowledged = new Map<number, number>();
    let next = 0;
    for (let round = 0; round < 20; round++) {
      const numbers = await enrolAndKill(dataDir, next);
      expect(numbers[0]).toBe(next);
      for (const n of numbers) acknowledged.set(n % 3 === 2 ? n - 2 : n, n);
      const cut = (numbers.at(-1) ?? 0) + 1;

      const store = createLocalStore({ dataDir, model: killedModel });
      const { identities } = await store.gallery('default').list({ limit: 100_000, after: null });
      const counts = new Map(identities.map(({ id, templates }) => [id, templates]));
      for (const [id, n] of acknowledged) {
        // The one that the kill cut off may have been committed without a word of it, but only whole.
        const mayBeNewer = cut % 3 === 2 && cut - 2 === id;
        const last = mayBeNewer && counts.get(id) !== 2 + (n % 4) ? cut : n;
        acknowledged.set(id, last);
        expect(counts.get(id)).toBe(2 + (last % 4));
        for (let k = 0; k < 2 + (last % 4); k++) {
          const [found] = await store.gallery('default').search([vectorFor(last, k)], { topK: 1, signal });
          expect(found?.[0]?.id).toBe(id);
          expect(found?.[0]?.score).toBeCloseTo(1, 5);
        }
      }
      const unheard = [...counts.keys()].filter(id => !acknowledged.has(Number(id)));
      expect(unheard.every(id => id === cut)).toBe(true);
      for (const id of unheard) {
        expect(counts.get(id)).toBe(2 + (cut % 4));
        acknowledged.set(Number(id), cut);
      }
      await store.close();
      // On with a number that keeps the pattern of replacements and was never used.
      next = Math.ceil((cut + 1) / 3) * 3;
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(20);
  });
});
