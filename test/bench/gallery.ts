// npm run bench -- gallery [10000 100000 1000000]: fills a local store with made-up people and searches it.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Filled, Searched } from './gallery-case.ts';

const run = promisify(execFile);
const script = path.join(import.meta.dirname, 'gallery-case.ts');
const asked = process.argv.slice(3).map(Number);
const sizes = asked.length > 0 ? asked : [10_000, 100_000, 1_000_000];

process.stdout.write(
  `${os.availableParallelism()} cores of ${os.cpus()[0]?.model.trim()} · Node ${process.version}\n\n`,
);
process.stdout.write(
  row([
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
  ]) + row(Array.from({ length: 11 }, () => '---')),
);
for (const size of sizes) {
  const dir = await mkdtemp(path.join(tmpdir(), 'face-id-gallery-'));
  try {
    const filled = await measure<Filled>('fill', dir, size);
    const searched = await measure<Searched>('search', dir, size);
    process.stdout.write(
      row([
        size.toLocaleString('en'),
        searched.p50.toFixed(2),
        searched.p99.toFixed(2),
        searched.cpuMs.toFixed(2),
        searched.recallEnrolled.toFixed(4),
        searched.recallStrangers.toFixed(3),
        (searched.warmStartMs / 1000).toFixed(1),
        searched.bytesPerTemplate.toFixed(0),
        filled.insertsPerSecond.toFixed(0),
        filled.indexedPerSecond?.toFixed(0) ?? '–',
        (filled.closeMs / 1000).toFixed(1),
      ]),
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measure<T>(task: 'fill' | 'search', dir: string, size: number): Promise<T> {
  const { stdout } = await run(process.execPath, ['--expose-gc', script, task, dir, String(size)]);
  return JSON.parse(stdout) as T;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}
