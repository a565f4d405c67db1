import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildPackage } from '../../face_id_api/package/build-package.ts';
import { freePorts } from '../services/free-ports.ts';
import { installedEmbedder, samplePhotos, testConfig } from './test-models.ts';

const root = path.resolve(import.meta.dirname, '../..');
let home: string;
const bin = (): string => path.join(home, 'face-id/bin/face-id.js');

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'face-id-built-'));
  await buildPackage(path.join(home, 'face-id'));
  // What the registry would bring; test/services/packages installs it for real.
  await symlink(path.join(root, 'node_modules'), path.join(home, 'node_modules'));
  await mkdir(path.join(home, 'user'));
});
afterAll(() => rm(home, { recursive: true }));

it('runs as it was built: threads, models, drawing, in the folder of its user', { timeout: 180_000 }, async () => {
  await installedEmbedder();
  const { detector, triton, models } = await testConfig();
  const [api, found, grpc, metrics] = await freePorts(4);
  const config = {
    api: { port: api },
    detector: { port: found, name: detector.name, model_dir: detector.model_dir },
    triton: { grpc_port: grpc, http_port: null, metrics_port: metrics, model_repository: triton.model_repository },
    models: { mirror: models.mirror },
  };
  const user = path.join(home, 'user');
  await writeFile(path.join(user, 'config.yaml'), JSON.stringify(config));
  const env = { PATH: process.env.PATH, FACE_ID_URL: `http://127.0.0.1:${api}` };
  const server = spawn(process.execPath, [bin(), 'serve'], { cwd: user, env, stdio: 'pipe' });
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', chunk => {
      output += chunk;
    });
  }
  try {
    while (!(await fetch(`http://127.0.0.1:${api}/readyz`).catch(() => null))?.ok) {
      expect(server.exitCode, output).toBeNull();
      await wait(200);
    }
    expect(output).toContain(`${path.join(user, 'data_dir')}  (who is enrolled)`);
    const photo = path.join(samplePhotos, 'sample1.jpg');
    const asked = await promisify(execFile)(process.execPath, [bin(), 'infer', photo, '--draw', 'drawn.jpg'], {
      cwd: user,
      env,
    });
    expect(asked.stdout).toContain('3 faces, 0 known.');
  } finally {
    const closed = server.exitCode === null ? once(server, 'close') : null;
    server.kill('SIGTERM');
    await closed;
  }
  expect(server.exitCode, output).toBe(0);
});

it('is asked for help without loading what a command needs', async () => {
  const traced = await promisify(execFile)(process.execPath, ['--import', announceLoads, bin(), '--help']);
  expect(traced.stdout).toContain('Usage: face-id');
  expect(traced.stderr).toMatch(/commander/);
  expect(traced.stderr).not.toMatch(/onnxruntime|sharp|usearch|fastify|zod|elasticsearch|serve\.js/);
});

/** Writes the address of every module that is loaded. */
const announceLoads = `data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from 'node:module';
   registerHooks({ load: (url, context, next) => (process._rawDebug(url), next(url, context)) });`,
)}`;
