import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePorts } from '../free-ports.ts';
import type { Installed } from './packages.ts';

const mirror = path.resolve(import.meta.dirname, '../../../../shared/models');

export type InstalledService = {
  readonly url: string;
  /** What its processes are started with: free ports. */
  readonly env: Readonly<Record<string, string>>;
  /** What it has written. */
  output(): string;
  /** Tells it to end; how it did. */
  stop(): Promise<number | null>;
};

/** `face-id serve` of an installed package, ready, started in its user's folder with the Node that runs this. */
export async function startInstalled(installed: Installed): Promise<InstalledService> {
  const [api, detector, grpc, http, metrics] = await freePorts(5);
  const env = {
    PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
    HOME: installed.directory,
    FACE_ID__API__PORT: `${api}`,
    FACE_ID__DETECTOR__PORT: `${detector}`,
    FACE_ID__TRITON__GRPC_PORT: `${grpc}`,
    FACE_ID__TRITON__HTTP_PORT: `${http}`,
    FACE_ID__TRITON__METRICS_PORT: `${metrics}`,
    ...(existsSync(mirror) && { FACE_ID__MODELS__MIRROR: mirror }),
  };
  const child = spawn(installed.bin('face-id'), ['serve'], { cwd: installed.directory, env, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk));
  const url = `http://127.0.0.1:${api}`;
  try {
    await untilReady(url, child);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`face-id serve did not become ready:\n${output}`, { cause: error });
  }
  return {
    url,
    env,
    output: () => output,
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      const [code] = await closed;
      return code;
    },
  };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const reply = await fetch(`${url}/readyz`).catch(() => null);
    if (reply?.ok) return;
    await wait(250);
  }
}
