import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLocalStore } from '../../../face_id_api/store/local-store.ts';
import { killRuns } from '../../kill-runs.ts';
import { killedIndexFrom, killedModel, stepOf, vectorFor } from './killed-enrolment.ts';

const child = fileURLToPath(new URL('./enrol-until-killed.ts', import.meta.url));
const signal = new AbortController().signal;

/** Enrols and erases in a child from step `first` on and kills it after a random while; the steps that it acknowledged. */
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

/** Whether any file below holds a template of enrolment `n`, as float32 or as the index keeps it. */
function isOnDisk(dataDir: string, n: number): boolean {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const contents = files.map(entry => readFileSync(path.join(entry.parentPath, entry.name)));
  return Array.from({ length: stepOf(n).templates }, (_, k) => vectorFor(n, k)).some(vector =>
    [Buffer.from(vector.buffer), Buffer.from(Float16Array.from(vector).buffer)].some(bytes =>
      contents.some(content => content.includes(bytes)),
    ),
  );
}

describe('kill -9 during enrolment and erasure', () => {
  const timeout = 60_000 + killRuns * 5000;
  it(`loses nobody, brings nobody back, leaves none half, and frees the folder, ${killRuns} times`, {
    timeout,
  }, async () => {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'face-id-kill-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    /** Id → step of the last enrolment that was acknowledged for it. */
    const acknowledged = new Map<number, number>();
    let next = 0;
    for (let round = 0; round < killRuns; round++) {
      const steps = await enrolAndKill(dataDir, next);
      expect(steps[0]).toBe(next);
      const erased: number[] = [];
      for (const n of steps) {
        const { do: what, id } = stepOf(n);
        if (what === 'enrol') acknowledged.set(id, n);
        else if (acknowledged.delete(id)) erased.push(id);
      }
      const cut = (steps.at(-1) ?? 0) + 1;

      const store = createLocalStore({ dataDir, model: killedModel, indexFrom: killedIndexFrom });
      const gallery = store.gallery('default');
      const { identities } = await gallery.list({ limit: 100_000, after: null });
      const counts = new Map(identities.map(({ id, templates }) => [Number(id), templates]));
      // The step that the kill cut off may have been committed without a word of it, but only whole.
      const last = stepOf(cut);
      if (last.do === 'enrol' && counts.get(last.id) === last.templates) acknowledged.set(last.id, cut);
      if (last.do === 'erase' && !counts.has(last.id) && acknowledged.delete(last.id)) erased.push(last.id);

      expect([...counts.keys()].sort((a, b) => a - b)).toEqual([...acknowledged.keys()].sort((a, b) => a - b));
      for (const [id, n] of acknowledged) expect(counts.get(id)).toBe(stepOf(n).templates);
      for (const n of [...steps, cut].filter(n => acknowledged.get(stepOf(n).id) === n)) {
        for (let k = 0; k < stepOf(n).templates; k++) {
          const [found] = await gallery.search([vectorFor(n, k)], { topK: 1, signal });
          expect(found?.[0]?.id).toBe(stepOf(n).id);
          expect(found?.[0]?.score).toBeCloseTo(1, 5);
        }
      }
      for (const n of erased) {
        const [found] = await gallery.search([vectorFor(n, 0)], { topK: 1, signal });
        expect(found?.[0]?.score ?? 0).toBeLessThan(0.9999);
        expect(isOnDisk(dataDir, n)).toBe(false);
      }
      await store.close();
      for (const n of erased) expect(isOnDisk(dataDir, n)).toBe(false);
      // On with a step that keeps the pattern and was never done.
      next = Math.ceil((cut + 1) / 6) * 6;
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(killRuns);
  });
});
