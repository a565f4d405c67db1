import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inspectDatabase } from '../../../face_id_api/store/inspect-database.ts';
import { killRuns } from '../../kill-runs.ts';
import {
  everybody,
  filled,
  type Kept,
  openStore,
  people,
  photo,
  plainBelow,
} from '../../unit/face_id_api/store/sealed-folder.ts';
import { firstKey, secondKey } from './killed-conversion.ts';

const child = fileURLToPath(new URL('./convert-until-killed.ts', import.meta.url));
const states: readonly Kept[] = [
  {},
  { masterKey: firstKey, rotateVectors: true },
  { masterKey: secondKey, rotateVectors: true },
];

/** Converts in a child and kills it after a random while; the step that it was in. */
async function convertAndKill(dataDir: string, first: number): Promise<number> {
  const converter = spawn(process.execPath, [child, dataDir, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  converter.stdout.on('data', chunk => {
    output += chunk;
  });
  await once(converter.stdout, 'data');
  await wait(Math.random() * 60);
  converter.kill('SIGKILL');
  await once(converter, 'close');
  return Number(output.trimEnd().split('\n').at(-1));
}

it(`kill -9 while the key is changed leaves everybody, under one key or none, and nothing in plain, ${killRuns} times`, {
  timeout: 60_000 + killRuns * 10_000,
}, async () => {
  const dataDir = await filled({ indexFrom: 1 });
  let step = 0;
  const seen = new Set<number>();
  for (let round = 0; round < killRuns; round++) {
    const cut = await convertAndKill(dataDir, step);
    const inspected = inspectDatabase(dataDir);
    const keyId = inspected.state === 'open' ? inspected.keyId : 'unreadable';
    const state = states.findIndex(({ masterKey }) => (masterKey?.id ?? null) === keyId);
    seen.add(state);
    // The state before the step that was cut off, or the one after it.
    expect(
      [
        [0, 1],
        [1, 2],
        [2, 1],
        [1, 0],
      ][cut % 4],
    ).toContain(state);
    for (const [other, options] of states.entries()) {
      if (other !== state) expect(() => openStore(dataDir, options)).toThrow();
    }
    const found = await everybody(dataDir, states[state]!);
    expect(found.size).toBe(people);
    for (const [person, vector] of found) {
      for (const [i, value] of photo(person).entries()) expect(Math.abs(vector[i]! - value)).toBeLessThan(1e-5);
    }
    if (state > 0) expect(plainBelow(dataDir)).toBe(0);
    // From what is there now, to each neighbour in turn.
    step = state === 0 ? 0 : state === 2 ? 2 : 1 + 2 * (round % 2);
  }
  expect(seen.size).toBeGreaterThan(1);
});
