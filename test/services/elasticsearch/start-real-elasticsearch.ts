import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../free-ports.ts';

export type RunningElasticsearch = {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Ends the node and keeps its data. */
  stop(): Promise<void>;
  /** Starts it again, on the same port over the same data. */
  start(): Promise<void>;
  /** Ends the node and removes its data. */
  close(): Promise<void>;
};

const startDeadlineMs = 120_000;

/**
 * Starts a node of Elasticsearch 9 on a free loopback port with a data folder of its own, and waits until its cluster is healthy.
 * @param run the `run.sh` of `install.sh`
 * @throws Error with the last lines of its log when it ends or is not ready in time
 */
export async function startRealElasticsearch(run: string): Promise<RunningElasticsearch> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'elasticsearch-'));
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn(run, [home, String(port)], { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    let log = '';
    const keepLog = (chunk: Buffer): void => {
      log = (log + chunk.toString('utf8')).slice(-20_000);
    };
    started.stdout.on('data', keepLog);
    started.stderr.on('data', keepLog);
    started.on('error', error => keepLog(Buffer.from(error.message)));
    try {
      await waitUntilHealthy(started, url);
    } catch (error) {
      await stop();
      throw new Error(
        `Elasticsearch did not become healthy: ${error instanceof Error ? error.message : error}\n${log}`,
      );
    }
  }

  async function stop(): Promise<void> {
    const stopping = child;
    child = undefined;
    if (stopping === undefined || hasEnded(stopping)) return;
    const ended = once(stopping, 'exit');
    stopping.kill('SIGTERM');
    const killer = setTimeout(() => stopping.kill('SIGKILL'), 30_000);
    await ended;
    clearTimeout(killer);
  }

  await start();
  return {
    url,
    start,
    stop,
    async close() {
      await stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function waitUntilHealthy(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline) {
    if (hasEnded(child)) throw new Error(`it ended with ${child.signalCode ?? `exit code ${child.exitCode}`}`);
    const healthy = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`).then(
      response => response.ok,
      () => false,
    );
    if (healthy) return;
    await delay(200);
  }
  throw new Error(`expected within ${startDeadlineMs} ms`);
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
