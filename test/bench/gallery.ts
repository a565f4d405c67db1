// npm run bench -- gallery [sizes]: fills a local store with made-up people and searches it. Without sizes it takes 10,000, 100,000 and
// a million templates, half an hour on two cores, and writes docs/benchmarks-gallery.md. npm run bench -- gallery elasticsearch [size]:
// 100,000 in the Elasticsearch that the tests of services have installed; without sizes it comes last, where there is one.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startRealElasticsearch } from '../services/elasticsearch/start-real-elasticsearch.ts';
import type { Filled, Searched } from './gallery-case.ts';
import { memoryEnv } from './memory-settings.ts';

const run = promisify(execFile);
const script = path.join(import.meta.dirname, 'gallery-case.ts');
const asked = process.argv.slice(3);
const isAlone = asked[0] === 'elasticsearch';
const sizes = asked.length === 0 ? [10_000, 100_000, 1_000_000] : isAlone ? [] : asked.map(Number);
const elasticsearch = path.join(import.meta.dirname, '../../.cache/elasticsearch/run.sh');

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

const lines = [row(Object.keys(columns)), row(Object.keys(columns).map(() => '---'))];
process.stdout.write(`${lines.join('\n')}\n`);
for (const size of sizes) show(await measureLocal(size));
if ((asked.length === 0 || isAlone) && existsSync(elasticsearch)) {
  show(await measureElasticsearch(Number(asked[1] ?? 100_000)));
}
if (asked.length === 0) await writeFile(path.join(import.meta.dirname, '../../docs/benchmarks-gallery.md'), report());

function show(cells: readonly string[]): void {
  const line = row(cells);
  process.stdout.write(`${line}\n`);
  lines.push(line);
}

/** Memory, index and CPU time are the server's, and not seen from here. */
async function measureElasticsearch(size: number): Promise<string[]> {
  const server = await startRealElasticsearch(elasticsearch);
  try {
    const filled = await measure<Filled>('fill', server.url, size);
    const searched = await measure<Searched>('search', server.url, size);
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

async function measureLocal(size: number): Promise<string[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'face-id-gallery-'));
  try {
    const filled = await measure<Filled>('fill', dir, size);
    const searched = await measure<Searched>('search', dir, size);
    return Object.values(columns).map(cell => cell(size, filled, searched));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measure<T>(task: 'fill' | 'search', place: string, size: number): Promise<T> {
  const args = ['--expose-gc', script, task, place, String(size)];
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, ...memoryEnv } });
  return JSON.parse(stdout) as T;
}

function report(): string {
  return [
    '# Benchmarks of the stores',
    '',
    'Written by `npm run bench -- gallery`; do not edit. One search of one face at a time, in process, without HTTP; recall@1 against a scan of everything.',
    'People are made up, four photos each, so that their cosines are spread as those of mobilefacenet behind mtcnn on LFW (test/bench/people.ts',
    'derives it from docs/evaluation.md). Enrolled: a fifth photo of somebody. Strangers: the nearest of people who are all unlike them, far below any threshold.',
    'CPU: of all threads for one search. Warm start: from opening the folder to the first answer. Memory: the process, beyond itself without a store; with few',
    'templates most of it is the index thread and SQLite’s cache. Inserts: imports of 250 people in a transaction, flushed to the disk.',
    '',
    `${new Date().toISOString().slice(0, 10)} · ${os.availableParallelism()} cores of ${os.cpus()[0]?.model.trim()} · Node ${process.version}`,
    '',
    ...lines,
    '',
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
