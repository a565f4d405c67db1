import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../services/free-ports.ts';
import { curlSettings, outerEnvironment, root, runShell, type ShellBlock, shellBlocks } from './shell-blocks.ts';
import { samplePhotos, testConfig } from './test-models.ts';

/** Every block of shell in these is run, from nothing to its last line. */
const documents = [
  'docs/quick-start.md',
  'docs/operations.md',
  'docs/privacy.md',
  'docs/retention.md',
  'docs/audit.md',
  'docs/teaching.md',
  'docs/encryption.md',
];

/** What is there before the first line, and has to be there behind the last. */
const kept: Readonly<Record<string, { readonly before: string; readonly after: string }>> = {
  'docs/encryption.md': {
    before: 'npm run -s face-id -- enrol ann people/ann',
    after: 'npm run -s face-id -- infer people/ann/sample3.jpg | grep ann',
  },
};

/** Blocks that follow one another in the same state of the service. */
type Step = { readonly how: ShellBlock['how']; readonly scripts: string[]; readonly place: string };

/** The documents have the embedded Triton with its ports in them. */
const elsewhere = process.env.FACE_ID_TEST_TRITON !== undefined;

describe.skipIf(elsewhere).each(documents)('%s', document => {
  let blocks: ShellBlock[];
  let checkout: Awaited<ReturnType<typeof openCheckout>>;

  beforeAll(async () => {
    blocks = await shellBlocks(document);
    checkout = await openCheckout();
  });
  afterAll(() => checkout.close());

  it('gives to other tests only what there are tests for', () => {
    const claimed = blocks.flatMap(({ runBy, place }) => (runBy === null ? [] : [{ runBy, place }]));
    expect(claimed.filter(({ runBy }) => !existsSync(path.join(root, runBy)))).toEqual([]);
  });

  it('works line by line as it is written', async () => {
    const own = blocks.filter(({ runBy }) => runBy === null);
    expect(own.length).toBeGreaterThan(0);
    const { before, after } = kept[document] ?? { before: 'true', after: 'true' };
    const [first, last] = [before, after].map(
      script => ({ script, how: 'run', runBy: null, place: document }) as const,
    );
    const steps = stepsOf([first!, ...own, last!]);
    for (const { how, scripts, place } of steps) {
      if (how === 'service') {
        await checkout.start(scripts.join('\n'));
        continue;
      }
      await (how === 'stopped' ? checkout.stop() : checkout.startIfStopped());
      const { code, output } = await checkout.run(scripts);
      expect(code, `${place} and what follows it:\n${output}`).toBe(0);
    }
  }, 300_000);
});

function stepsOf(blocks: readonly ShellBlock[]): Step[] {
  const steps: Step[] = [];
  for (const { how, script, place } of blocks) {
    const last = steps.at(-1);
    if (last !== undefined && last.how === how) last.scripts.push(script);
    else steps.push({ how, scripts: [script], place });
  }
  return steps;
}

/** A folder that looks like a checkout with everything installed, but has a configuration, people and ports of its own. */
async function openCheckout() {
  const folder = await mkdtemp(path.join(tmpdir(), 'face-id-operation-'));
  for (const name of ['package.json', 'config.yaml', 'main.ts', 'node_modules']) {
    await symlink(path.join(root, name), path.join(folder, name));
  }
  const config = await testConfig();
  await rm(config.data_dir, { recursive: true });
  for (const [id, photo] of [
    ['ann', 'sample3.jpg'],
    ['bob', 'sample2.jpg'],
  ] as const) {
    await mkdir(path.join(folder, 'people', id), { recursive: true });
    await copyFile(path.join(samplePhotos, photo), path.join(folder, 'people', id, photo));
  }
  await copyFile(path.join(samplePhotos, 'sample5.jpg'), path.join(folder, 'stranger.jpg'));
  await copyFile(path.join(samplePhotos, 'sample1.jpg'), path.join(folder, 'group.jpg'));
  const [api = 0, detector = 0, grpc = 0, http = 0, metrics = 0] = await freePorts(5);
  const env = {
    FACE_ID_URL: `http://127.0.0.1:${api}`,
    HOME: folder,
    // Relative paths start at its folder.
    FACE_ID_CONFIG: path.join(folder, 'config.yaml'),
    FACE_ID__API__PORT: `${api}`,
    FACE_ID__DETECTOR__PORT: `${detector}`,
    FACE_ID__DETECTOR__NAME: config.detector.name,
    FACE_ID__DETECTOR__MODEL_DIR: config.detector.model_dir,
    FACE_ID__TRITON__URL: config.triton.url,
    FACE_ID__TRITON__GRPC_PORT: `${grpc}`,
    FACE_ID__TRITON__HTTP_PORT: `${http}`,
    FACE_ID__TRITON__METRICS_PORT: `${metrics}`,
    FACE_ID__TRITON__MODEL_REPOSITORY: config.triton.model_repository,
    ...(config.models.mirror !== null && { FACE_ID__MODELS__MIRROR: config.models.mirror }),
  };
  const at = (port: number): string => `127.0.0.1:${port}`;
  const addresses = { 8004: at(api), 5000: at(detector), 8000: at(http), 8002: at(metrics) };
  await writeFile(path.join(folder, '.curlrc'), curlSettings(addresses));
  const said: Buffer[] = [];
  let service: ChildProcess | null = null;

  async function stop(): Promise<void> {
    const running = service;
    service = null;
    if (running?.pid === undefined || running.exitCode !== null) return;
    // A shell and npm stand between, so all of the group is told, and its output ends with the last of them.
    const end = once(running, 'close');
    process.kill(-running.pid, 'SIGTERM');
    await end;
  }

  /** Resolves once the service is ready. */
  async function start(script: string): Promise<void> {
    await stop();
    const child = spawn('bash', ['-ec', script], {
      cwd: folder,
      env: { ...outerEnvironment(), ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
    service = child;
    while (!(await answers(api))) {
      if (child.exitCode !== null) throw new Error(`${script}ended:\n${Buffer.concat(said).toString()}`);
      await delay(200);
    }
  }

  return {
    run: (scripts: readonly string[]) => runShell(scripts, { folder, env }),
    start,
    startIfStopped: async (): Promise<void> => {
      if (service === null) await start('npm start');
    },
    stop,
    async close(): Promise<void> {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Whether the service is ready to be asked. */
async function answers(port: number): Promise<boolean> {
  const reply = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
  await reply?.body?.cancel();
  return reply !== null && reply.status === 200;
}
