// npm run bench -- encryption [sizes]: what encryption and rotation cost the local store, beside the same store in plain, in turns. Without
// sizes it takes 5,000, 10,000 and 100,000 templates and writes docs/benchmarks-encryption.md.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { CaseOptions, Place, SearchedPlaces } from './encryption-case.ts';
import { machine, table } from './markdown.ts';
import { median } from './median.ts';
import { memoryEnv } from './memory-settings.ts';
import { startProductProcess } from './product-process.ts';
import { publish } from './publish.ts';
import { readModel } from './read-model.ts';

/** Medians in milliseconds, and what it is encrypted for each one in plain. */
type Cost = { readonly plain: number; readonly sealed: number; readonly ratio: number };

const run = promisify(execFile);
const script = path.join(import.meta.dirname, 'encryption-case.ts');
const asked = process.argv.slice(3).filter(argument => argument !== '--quick');
const sizes = asked.length === 0 ? [5000, 10_000, 100_000] : asked.map(Number);
/** Of each start; of searches each is thousands. */
const turns = { search: 3, storeStart: 7, productStart: 5 };
const head = ['templates × 128', 'what', 'plain ms', 'encrypted ms', 'ratio'];

const dir = await mkdtemp(path.join(tmpdir(), 'face-id-encryption-'));
try {
  const model = await readModel(path.join(dir, 'empty'));
  const key = randomBytes(32).toString('hex');
  const keyFile = path.join(dir, 'key');
  await writeFile(keyFile, key, { mode: 0o600 });
  const rows: string[][] = [];
  for (const size of sizes) {
    const plain: Place = { dir: path.join(dir, `plain-${size}`), key: null };
    const sealed: Place = { dir: path.join(dir, `sealed-${size}`), key };
    const ask = <T>(task: string, places: readonly Place[]): Promise<T> =>
      measure(task, { places, model, count: size });
    for (const place of [plain, sealed]) await ask('fill', [place]);
    const searched: SearchedPlaces[] = [];
    for (let turn = 0; turn < turns.search; turn++) searched.push(await ask('search', [plain, sealed]));
    rows.push(show(size, 'search', costOf(searched.map(({ template }) => template))));
    rows.push(show(size, 'search, of somebody for the first time', costOf(searched.map(({ first }) => first))));
    rows.push(show(size, 'search by person', costOf(searched.map(({ person }) => person))));
    const starts = await inTurns(turns.storeStart, [plain, sealed], place => ask<number>('start', [place]));
    rows.push(show(size, 'start of the store, to its first answer', costOf(starts)));
    const product = await inTurns(turns.productStart, [plain, sealed], place => startProduct(place, keyFile));
    rows.push(show(size, 'start of the service, until ready', costOf(product)));
  }
  if (asked.length === 0) await publish('docs/benchmarks-encryption.md', date => report(rows, date));
} finally {
  await rm(dir, { recursive: true, force: true });
}

/** Who comes first comes second in the next turn. */
async function inTurns(count: number, places: readonly Place[], work: (place: Place) => Promise<number>) {
  const all: number[][] = [];
  for (let turn = 0; turn < count; turn++) {
    const times: number[] = [];
    const order = [...places.keys()];
    for (const place of turn % 2 === 0 ? order : order.reverse()) times[place] = await work(places[place]!);
    all.push(times);
  }
  return all;
}

async function startProduct({ dir: dataDir, key }: Place, keyFile: string): Promise<number> {
  const product = await startProductProcess({
    DATA_DIR: dataDir,
    ...(key === null ? {} : { ENCRYPTION__KEY_FILE: keyFile }),
  });
  await product.close();
  return product.readyMs;
}

function costOf(times: readonly (readonly number[])[]): Cost {
  return {
    plain: median(times.map(([plain = 0]) => plain)),
    sealed: median(times.map(([, sealed = 0]) => sealed)),
    ratio: median(times.map(([plain = 0, sealed = 0]) => sealed / plain)),
  };
}

function show(size: number, what: string, { plain, sealed, ratio }: Cost): string[] {
  const digits = plain < 10 ? 3 : 0;
  const cells = [size.toLocaleString('en'), what, plain.toFixed(digits), sealed.toFixed(digits), ratio.toFixed(3)];
  process.stdout.write(`${cells.join(' · ')}\n`);
  return cells;
}

async function measure<T>(task: string, options: CaseOptions): Promise<T> {
  const args = [script, task, JSON.stringify(options)];
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, ...memoryEnv } });
  return JSON.parse(stdout) as T;
}

function report(rows: readonly string[][], date: string): string {
  return [
    '# Benchmarks of encryption',
    '',
    'Written by `npm run bench -- encryption`; do not edit. The local store in plain beside the same one encrypted and rotated, in turns: medians, and the',
    'median of the ratios. Searches: one probe, the nearest identity, in process; 3,000 a turn behind 3,000 others, the stores asked one after the other for',
    'each probe. The 36,000 vectors that were decrypted last stay so: who comes for the first time is shown by itself. From 10,000 templates on there is an',
    'index, which is saved. The service: `npm start` as a process, from its first moment until `/readyz` says yes.',
    '',
    `${date} · ${machine()}`,
    '',
    ...table(head, rows),
    '',
  ].join('\n');
}
