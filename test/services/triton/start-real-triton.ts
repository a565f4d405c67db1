import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../free-ports.ts';

export type RunningTriton = {
  /** `host:port` of the gRPC endpoint. */
  readonly address: string;
  /** `http://host:port` of the HTTP endpoint. */
  readonly httpUrl: string;
  /** `http://host:port` of Prometheus' metrics, at `/metrics`. */
  readonly metricsUrl: string;
  close(): Promise<void>;
};

const startDeadlineMs = 120_000;

/**
 * Starts NVIDIA's server over a model repository on free loopback ports and waits until every model is ready.
 * @param run the `run.sh` of `install.sh`
 * @throws Error with the last lines of its log when it ends or is not ready in time
 */
export async function startRealTriton(run: string, repository: string, flags: string[] = []): Promise<RunningTriton> {
  const [grpc, http, metrics] = await freePorts(3);
  const child = spawn(
    run,
    [
      repository,
      `--grpc-port=${grpc}`,
      `--http-port=${http}`,
      `--metrics-port=${metrics}`,
      '--grpc-address=127.0.0.1',
      '--http-address=127.0.0.1',
      '--metrics-address=127.0.0.1',
      ...flags,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  const keepLog = (chunk: Buffer): void => {
    log = (log + chunk.toString('utf8')).slice(-20_000);
  };
  child.stdout.on('data', keepLog);
  child.stderr.on('data', keepLog);
  child.on('error', error => {
    log += `${error.message}\n`;
  });
  const httpUrl = `http://127.0.0.1:${http}`;
  const close = (): Promise<void> => stop(child);
  try {
    await waitUntilReady(child, httpUrl);
  } catch (error) {
    await close();
    throw new Error(`NVIDIA Triton did not become ready: ${error instanceof Error ? error.message : error}\n${log}`);
  }
  return { address: `127.0.0.1:${grpc}`, httpUrl, metricsUrl: `http://127.0.0.1:${metrics}`, close };
}

async function waitUntilReady(child: ChildProcess, httpUrl: string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`it ended with ${child.signalCode ?? `exit code ${child.exitCode}`}`);
    const ready = await fetch(`${httpUrl}/v2/health/ready`).then(
      response => response.ok,
      () => false,
    );
    if (ready) return;
    await delay(200);
  }
  throw new Error(`expected within ${startDeadlineMs} ms`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await ended;
  clearTimeout(killer);
}
