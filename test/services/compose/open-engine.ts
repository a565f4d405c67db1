import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand, runToSuccess } from './run-command.ts';

export type Engine = {
  /** Compose as it is called here: `docker-compose`, or `docker compose`. */
  readonly compose: readonly string[];
  /** For every command: which engine is asked, and how images are built. */
  readonly env: Readonly<Record<string, string>>;
  /** BASE_IMAGE of the builds. */
  readonly baseImage: string;
  close(): Promise<void>;
};

const startDeadlineMs = 60_000;
/** By how well they serve; not every kernel, nor every file system below, takes the first. */
const storageDrivers = ['overlay2', 'fuse-overlayfs', 'vfs'];

/**
 * The engine that answers here, or else one of our own over `folder`, stopped by `close`; with the base image in it.
 * @param folder of `install-docker.ts`
 * @throws Error with the last lines of the engine's log where none can be started
 */
export async function openEngine(folder: string): Promise<Engine> {
  const answering = await runCommand(['docker', 'info']).catch(() => ({ code: 1 }));
  const engine = answering.code === 0 ? { env: {}, close: async () => {} } : await startEngine(folder);
  try {
    const baseImage = await importBase(folder, engine.env);
    const hasPlugin = (await runCommand(['docker', 'compose', 'version'], { env: engine.env })).code === 0;
    return { ...engine, compose: hasPlugin ? ['docker', 'compose'] : ['docker-compose'], baseImage };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function startEngine(folder: string): Promise<Pick<Engine, 'env' | 'close'>> {
  const logs: string[] = [];
  // runc takes no path with a link in it.
  const dataRoot = path.join(await realpath(folder), 'engine');
  for (const driver of storageDrivers) {
    const run = await mkdtemp(path.join(tmpdir(), 'face-id-docker-'));
    const host = `unix://${run}/docker.sock`;
    const child = spawn(
      'dockerd',
      [
        `--host=${host}`,
        `--data-root=${dataRoot}`,
        `--exec-root=${run}/exec`,
        `--pidfile=${run}/docker.pid`,
        `--storage-driver=${driver}`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-4000);
      });
    }
    child.on('error', error => {
      log += error.message;
    });
    const close = async (): Promise<void> => {
      await stop(child);
      await rm(run, { recursive: true, force: true });
    };
    const env = { DOCKER_HOST: host };
    if (await answers(child, env)) return { env, close };
    await close();
    logs.push(`${driver}: ${log.trim().split('\n').at(-1)}`);
  }
  throw new Error(`dockerd did not start with any storage driver:\n${logs.join('\n')}`);
}

async function answers(child: ChildProcess, env: Engine['env']): Promise<boolean> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline && child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    if ((await runCommand(['docker', 'info'], { env })).code === 0) return true;
    await delay(250);
  }
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  await ended;
  clearTimeout(killer);
}

/** Imported once: what was built on it is then found again. */
async function importBase(folder: string, env: Engine['env']): Promise<string> {
  const name = 'face-id-test/base:bookworm';
  if ((await runCommand(['docker', 'image', 'inspect', name], { env })).code === 0) return name;
  const registry = await runToSuccess(['npm', 'config', 'get', 'registry']);
  await runToSuccess(
    [
      ...['docker', 'import'],
      // Node has authorities of its own; npm reads its registry here.
      ...['--change', 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'],
      ...['--change', `ENV npm_config_registry=${registry.split('\n').at(-1)}`],
      ...[path.join(folder, 'base.tar'), name],
    ],
    { env },
  );
  return name;
}
