// npm run bench -- gallery [10000 100000 1000000]: fills a local store with made-up people and searches it, and one of Elasticsearch
// with 100,000 (`-- gallery elasticsearch [size]`: it alone) where the tests of services have installed one.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startRealElasticsearch } from '../services/elasticsearch/start-real-elasticsearch.ts';
import type { Filled, Searched } from './gallery-case.ts';

const run = promisify(execFile);
const script = path.join(import.meta.dirname, 'gallery-case.ts');
const [first, ...others] = process.argv.slice(3);
const isAlone = first === 'elasticsearch';
const sizes = first === undefined ? [10_000, 100_000, 1_000_000] : isAlone ? [] : [first, ...others].map(Number);
const elasticsearch = path.join(import.meta.dirname, '../../.cache/elasticsearch/run.sh');

process.stdout.write(
  `${os.availableParallelism()} cores of ${os.cpus()[0]?.model.trim()} · Node ${process.version}\n\n`,
);
process.stdout.write(
  row([
    'store',
    'templates × 128',
    'p50 ms',
    'p99 ms',
    'CPU ms',
    'recall@1, enrolled',
    'recall@1, strangers',
    'warm start s',
    'bytes a template',
    'durable inserts/s',
    'index adds/s',
    'save s',
  ]) + row(Array.from({ length: 12 }, () => '---')),
);
for (const size of sizes) await measureLocal(size);
if ((first === undefined || isAlone) && existsSync(elasticsearch)) {
  await measureElasticsearch(Number(others[0] ?? 100_000));
}

async function measureLocal(size: number): Promise<void> {
  const dir = await mkdtemp(path.join(tmpdir(), 'face-id-gallery-'));
  try {
    await measureStore('local', dir, size);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measureElasticsearch(size: number): Promise<void> {
  const server = await startRealElasticsearch(elasticsearch);
  try {
    await measureStore('Elasticsearch', server.url, size);
  } finally {
    await server.close();
  }
}

/** Of Elasticsearch memory, index and CPU time are its server's, and not seen from here. */
async function measureStore(name: 'local' | 'Elasticsearch', place: string, size: number): Promise<void> {
  const filled = await measure<Filled>('fill', place, size);
  const searched = await measure<Searched>('search', place, size);
  const own = (text: string): string => (name === 'local' ? text : '–');
  process.stdout.write(
    row([
      name,
      size.toLocaleString('en'),
      searched.p50.toFixed(2),
      searched.p99.toFixed(2),
      own(searched.cpuMs.toFixed(2)),
      searched.recallEnrolled.toFixed(4),
      searched.recallStrangers.toFixed(3),
      (searched.warmStartMs / 1000).toFixed(1),
      own(searched.bytesPerTemplate.toFixed(0)),
      filled.insertsPerSecond.toFixed(0),
      filled.indexedPerSecond?.toFixed(0) ?? '–',
      (filled.closeMs / 1000).toFixed(1),
    ]),
  );
}

async function measure<T>(task: 'fill' | 'search', place: string, size: number): Promise<T> {
  const { stdout } = await run(process.execPath, ['--expose-gc', script, task, place, String(size)]);
  return JSON.parse(stdout) as T;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}
