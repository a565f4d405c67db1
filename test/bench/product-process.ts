import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');

export type ProductProcess = {
  readonly apiUrl: string;
  readonly detectorUrl: string;
  /** From the start of the process to the first ready answer, in milliseconds. */
  readonly readyMs: number;
  /** Resident memory in MB; null where /proc is not there. */
  residentMegabytes(): Promise<number | null>;
  close(): Promise<void>;
};

/** `npm start` as a process of its own, on free ports. @param settings configuration as `FACE_ID__…` variables, values as JSON */
export async function startProductProcess(settings: Record<string, unknown>): Promise<ProductProcess> {
  const began = performance.now();
  const env: NodeJS.ProcessEnv = { ...process.env };
  const free = { API__PORT: 0, DETECTOR__PORT: 0, TRITON__GRPC_PORT: 0, TRITON__HTTP_PORT: 0, TRITON__METRICS_PORT: 0 };
  for (const [key, value] of Object.entries({ ...free, ...settings })) env[`FACE_ID__${key}`] = JSON.stringify(value);
  const child = spawn(process.execPath, ['main.ts', 'serve'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString('utf8')).slice(-5000);
  });
  let detectorUrl = '';
  for await (const line of createInterface({ input: child.stdout })) {
    detectorUrl = /^Detector\s+(http:\S+)/.exec(line)?.[1] ?? detectorUrl;
    const apiUrl = /^API\s+(http:\S+)/.exec(line)?.[1];
    if (apiUrl === undefined) continue;
    child.stdout.resume();
    await waitUntilReady(apiUrl);
    return {
      apiUrl,
      detectorUrl,
      readyMs: performance.now() - began,
      residentMegabytes: () => residentMegabytes(child),
      close: () => stop(child),
    };
  }
  throw new Error(`the service ended before it listened:\n${log}`);
}

async function waitUntilReady(apiUrl: string): Promise<void> {
  while (!(await fetch(`${apiUrl}/readyz`)).ok) await new Promise(resolve => setTimeout(resolve, 20));
}

async function residentMegabytes({ pid }: ChildProcess): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
