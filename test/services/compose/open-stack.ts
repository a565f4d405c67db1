import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../free-ports.ts';
import type { Engine } from './open-engine.ts';
import { type CommandOptions, type Ended, runCommand, runToSuccess } from './run-command.ts';

export type Service = 'api' | 'detector' | 'triton';
export const services: readonly Service[] = ['triton', 'detector', 'api'];

export type Stack = {
  readonly url: string;
  /** What secrets/api_key is to hold. */
  readonly key: string;
  readonly images: Readonly<Record<Service, string>>;
  /** `mtcnn` where its weights are at hand, otherwise the one that a package brings. */
  readonly detector: string;
  /** Runs Compose over a copy of this checkout, whatever its exit code. */
  compose(args: readonly string[], options?: CommandOptions): Promise<Ended>;
  /** The same, and it has to succeed. */
  mustCompose(args: readonly string[], options?: CommandOptions): Promise<string>;
  docker(args: readonly string[]): Promise<string>;
  /** Runs a line of shell beside docker-compose.yml, where `docker-compose` is Compose as it is called here. */
  sh(line: string): Promise<string>;
  /** Writes a file of secrets/; null: takes it away. */
  writeSecret(name: string, text: string | null): Promise<void>;
  waitUntilHealthy(wanted?: readonly string[]): Promise<void>;
  /** Takes containers, networks and volumes away, and the copy. */
  close(): Promise<void>;
};

const root = path.resolve(import.meta.dirname, '../../..');
const mirror = path.resolve(root, '../shared/models/facenet-pytorch');
const healthyDeadlineMs = 180_000;

/** A project of Compose of its own: another name, another port, images of its own, a new key. Nothing is built or started. */
export async function openStack(engine: Engine): Promise<Stack> {
  const folder = await mkdtemp(path.join(tmpdir(), 'face-id-compose-'));
  await copyCheckout(folder);
  const detector = existsSync(mirror) ? 'mtcnn' : 'ssd_mobilenetv1';
  if (existsSync(mirror)) await cp(mirror, path.join(folder, 'deploy/mirror/facenet-pytorch'), { recursive: true });
  const [port] = await freePorts(1);
  const project = `face-id-test-${randomBytes(4).toString('hex')}`;
  const images = { api: 'face-id-test/api', detector: 'face-id-test/detector', triton: 'face-id-test/triton' };
  const env = {
    ...engine.env,
    COMPOSE_PROJECT_NAME: project,
    COMPOSE_HTTP_TIMEOUT: '300',
    FACE_ID_BASE_IMAGE: engine.baseImage,
    FACE_ID_API_IMAGE: images.api,
    FACE_ID_DETECTOR_IMAGE: images.detector,
    FACE_ID_TRITON_IMAGE: images.triton,
    FACE_ID_DETECTOR: detector,
    FACE_ID_PUBLISH: `127.0.0.1:${port}`,
  };
  const key = randomBytes(32).toString('hex');

  const compose = (args: readonly string[], options: CommandOptions = {}): Promise<Ended> =>
    runCommand([...engine.compose, ...args], { cwd: folder, ...options, env: { ...env, ...options.env } });

  async function mustCompose(args: readonly string[], options?: CommandOptions): Promise<string> {
    const { code, stdout, output } = await compose(args, options);
    if (code !== 0) throw new Error(`compose ${args.join(' ')}: exit code ${code}\n${output.slice(-8000)}`);
    return stdout.trim();
  }

  const docker = (args: readonly string[]): Promise<string> => runToSuccess(['docker', ...args], { env });

  const sh = (line: string): Promise<string> =>
    runToSuccess(['/bin/sh', '-ec', line.replaceAll('docker-compose', engine.compose.join(' '))], { cwd: folder, env });

  async function writeSecret(name: string, text: string | null): Promise<void> {
    const file = path.join(folder, 'secrets', name);
    // Compose 1.29 makes a folder where a file is missing.
    await rm(file, { recursive: true, force: true });
    if (text === null) return;
    await mkdir(path.dirname(file), { mode: 0o700, recursive: true });
    await writeFile(file, text);
    await chmod(file, 0o644);
  }

  async function healthOf(service: string): Promise<string> {
    const id = await mustCompose(['--profile', 'full', 'ps', '-q', service]);
    return id === '' ? 'not there' : await docker(['inspect', '-f', '{{.State.Status}} {{.State.Health.Status}}', id]);
  }

  async function waitUntilHealthy(wanted: readonly string[] = services): Promise<void> {
    const deadline = Date.now() + healthyDeadlineMs;
    for (const service of wanted) {
      for (;;) {
        const health = await healthOf(service);
        if (health === 'running healthy') break;
        if (Date.now() > deadline) {
          const { output } = await compose(['logs', '--no-color', service]);
          throw new Error(`${service} is ${health} after ${healthyDeadlineMs} ms\n${output.slice(-8000)}`);
        }
        await delay(500);
      }
    }
  }

  async function close(): Promise<void> {
    await compose(['--profile', 'full', 'down', '--volumes', '--remove-orphans', '--timeout', '30']);
    await rm(folder, { recursive: true, force: true });
  }

  return {
    url: `http://127.0.0.1:${port}`,
    key,
    images,
    detector,
    compose,
    mustCompose,
    docker,
    sh,
    writeSecret,
    waitUntilHealthy,
    close,
  };
}

/** Builds the images of the three services; from the engine's cache where nothing has changed. */
export async function buildImages(stack: Stack): Promise<void> {
  await stack.mustCompose(['build', ...services], { timeoutMs: 900_000 });
}

/** What git knows or would take: no packages, no models, no data of this machine. */
async function copyCheckout(folder: string): Promise<void> {
  const listed = await runToSuccess([
    'git',
    '-C',
    root,
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
  ]);
  for (const file of listed.split('\0')) {
    if (file === '' || !existsSync(path.join(root, file))) continue;
    await cp(path.join(root, file), path.join(folder, file));
  }
}
