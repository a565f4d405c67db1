// npm run bench -- gallery [sizes]: fills a local store with made-up people and searches it, and compares /infer over the largest with
// /infer over 12 templates. Without sizes it takes 10,000, 100,000 and a million templates, half an hour on two cores, and writes
// docs/benchmarks-gallery.md. With --keep DIR what takes most of that is kept there for the next time: stores that are filled, and what is nearest in
// them. npm run bench -- gallery elasticsearch [size]: 100,000 in the Elasticsearch that the tests of services have
// installed; without sizes it comes last, where there is one.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { GalleryModel } from '../../face_id_api/store/store.ts';
import { startRealElasticsearch } from '../services/elasticsearch/start-real-elasticsearch.ts';
import type { Filled, Searched } from './gallery-case.ts';
import { compareInfer, type InferCost } from './gallery-infer.ts';
import { machine, table } from './markdown.ts';
import { memoryEnv } from './memory-settings.ts';
import { publish, root } from './publish.ts';
import { readModel } from './read-model.ts';

const run = promisify(execFile);
const script = path.join(import.meta.dirname, 'gallery-case.ts');
const { positionals: asked, values: options } = parseArgs({
  args: process.argv.slice(3),
  options: { keep: { type: 'string' }, quick: { type: 'boolean' } },
  allowPositionals: true,
});
const isAlone = asked[0] === 'elasticsearch';
const sizes = asked.length === 0 ? [10_000, 100_000, 1_000_000] : isAlone ? [] : asked.map(Number);
const elasticsearch = path.join(root, '.cache/elasticsearch/run.sh');
const fewTemplates = 12;

const columns: Record<string, (size: number, filled: Filled, searched: Searched) => string> = {
  'templates × 128': size => size.toLocaleString('en'),
  'p50 ms': (_, __, { p50 }) => p50.toFixed(2),
  'p99 ms': (_, __, { p99 }) => p99.toFixed(2),
  'CPU ms': (_, __, { cpuMs }) => cpuMs.toFixed(2),
  'recall@1, enrolled': (_, __, { recallEnrolled }) => recallEnrolled.toFixed(4),
  'recall@1, strangers': (_, __, { recallStrangers }) => recallStrangers.toFixed(3),
  'warm start s': (_, __, { warmStartMs }) => (warmStartMs / 1000).toFixed(1),
  'bytes a template': (_, __, { bytesPerTemplate }) => bytesPerTemplate.toFixed(0),
  'durable inserts/s': (_, { insertsPerSecond }) => insertsPerSecond.toFixed(0),
  'index adds/s': (_, { indexedPerSecond }) => indexedPerSecond?.toFixed(0) ?? '–',
  'save s': (_, { closeMs }) => (closeMs / 1000).toFixed(1),
};

const dir = await mkdtemp(path.join(tmpdir(), 'face-id-gallery-'));
const stores = options.keep ?? dir;
await mkdir(stores, { recursive: true });
try {
  const model = await readModel(path.join(dir, 'empty'));
  const rows: string[][] = [];
  for (const size of sizes) rows.push(show(await measureLocal(model, size)));
  const infer = sizes.length === 0 ? null : await measureInfer(model, Math.max(...sizes));
  if ((asked.length === 0 || isAlone) && existsSync(elasticsearch)) {
    rows.push(show(await measureElasticsearch(model, Number(asked[1] ?? 100_000))));
  }
  if (asked.length === 0) await publish('docs/benchmarks-gallery.md', date => report(rows, infer, date));
} finally {
  await rm(dir, { recursive: true, force: true });
}

function show(cells: string[]): string[] {
  process.stdout.write(
    `${Object.keys(columns)
      .map((name, i) => `${name} ${cells[i]}`)
      .join(' · ')}\n`,
  );
  return cells;
}

async function measureLocal(model: GalleryModel, size: number): Promise<string[]> {
  const place = path.join(stores, String(size));
  const filled = await fillOnce(place, size, model);
  const searched = await measure<Searched>('search', place, size, model, `${place}.exact`);
  return Object.values(columns).map(cell => cell(size, filled, searched));
}

/** A store that was kept is as it was, and what filling it took. */
async function fillOnce(place: string, size: number, model: GalleryModel): Promise<Filled> {
  const known = `${place}.json`;
  if (existsSync(known)) return JSON.parse(await readFile(known, 'utf8')) as Filled;
  const filled = await measure<Filled>('fill', place, size, model);
  await writeFile(known, JSON.stringify(filled));
  return filled;
}

async function measureInfer(model: GalleryModel, largest: number): Promise<InferCost> {
  const few = path.join(dir, 'few');
  await measure<Filled>('fill', few, fewTemplates, model);
  const samples = [1, 2, 3, 4, 5, 6].map(n => path.join(root, `node_modules/@vladmandic/face-api/demo/sample${n}.jpg`));
  const photos = await Promise.all(samples.map(file => readFile(file)));
  const cost = await compareInfer(few, path.join(stores, String(largest)), photos);
  process.stdout.write(`${inferLine(cost, largest)}\n`);
  return cost;
}

/** Memory, index and CPU time are the server's, and not seen from here. */
async function measureElasticsearch(model: GalleryModel, size: number): Promise<string[]> {
  const server = await startRealElasticsearch(elasticsearch);
  try {
    const filled = await measure<Filled>('fill', server.url, size, model);
    const searched = await measure<Searched>('search', server.url, size, model);
    return Object.entries(columns).map(([name, cell]) => {
      if (name === 'CPU ms' || name === 'bytes a template') return '–';
      return name === 'templates × 128'
        ? `${cell(size, filled, searched)}, Elasticsearch`
        : cell(size, filled, searched);
    });
  } finally {
    await server.close();
  }
}

/** @param exact where the nearest are kept, or to be kept */
async function measure<T>(
  task: 'fill' | 'search',
  place: string,
  size: number,
  model: GalleryModel,
  exact = '',
): Promise<T> {
  const args = ['--expose-gc', script, task, place, String(size), JSON.stringify(model), exact];
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, ...memoryEnv } });
  return JSON.parse(stdout) as T;
}

function inferLine({ small, large, ratio }: InferCost, largest: number): string {
  return (
    `With ${fewTemplates} templates ${small.toFixed(0)} ms a photo, with ${largest.toLocaleString('en')} ${large.toFixed(0)}: ` +
    `${ratio.toFixed(3)} times as long.`
  );
}

function report(rows: readonly string[][], infer: InferCost | null, date: string): string {
  return [
    '# Benchmarks of the stores',
    '',
    'Written by `npm run bench -- gallery`; do not edit. One search of one face at a time, in process, without HTTP; recall@1 against a scan of everything.',
    'People are made up, four photos each, so that their cosines are spread as those of mobilefacenet behind mtcnn on LFW (test/bench/people.ts',
    'derives it from docs/evaluation.md). Enrolled: a fifth photo of somebody. Strangers: the nearest of people who are all unlike them, far below any threshold.',
    'CPU: of all threads for one search. Warm start: from opening the folder to the first answer. Memory: the process, beyond itself without a store; with few',
    'templates most of it is the index thread and SQLite’s cache. Inserts: imports of 250 people in a transaction, flushed to the disk.',
    '',
    `${date} · ${machine()}`,
    '',
    ...table(Object.keys(columns), rows),
    '',
    ...(infer === null
      ? []
      : [
          '## /infer over a large gallery',
          '',
          'Six group photos over HTTP at the defaults, one client, two services asked in turns; medians of fifteen turns.',
          inferLine(infer, Math.max(...sizes)),
          '',
        ]),
  ].join('\n');
}
