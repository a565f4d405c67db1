import { chmod, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig } from '../../config.ts';
import { createDoctorCommand } from '../../face_id_api/doctor/doctor-command.ts';
import type { Finding } from '../../face_id_api/doctor/finding.ts';
import { issueKey } from '../../face_id_api/keys/issue-key.ts';
import { formatKeyFile } from '../../face_id_api/keys/key-file.ts';
import { createLocalStore } from '../../face_id_api/store/local-store.ts';
import { modelOptions } from '../../serve.ts';
import { ensureDetector, ensureEmbedder } from '../../triton/build/ensure-default-models.ts';
import { silentProgress } from '../../triton/build/progress.ts';
import { vectorOf } from '../api/face_id_api/fake-deps.ts';
import { freePorts } from '../services/free-ports.ts';
import { startProduct } from './product.ts';
import { testConfig } from './test-models.ts';

const signal = new AbortController().signal;
let installed: { readonly embedder: string; readonly detector: string };

beforeAll(async () => {
  const config = await testConfig();
  const options = modelOptions(config, { progress: silentProgress, signal: AbortSignal.timeout(120_000) });
  const [embedder, detector] = [
    await ensureEmbedder('dlib_resnet', options),
    await ensureDetector(config.detector.name, options),
  ];
  installed = { embedder: embedder.dir, detector: detector.dir };
  await rm(config.data_dir, { recursive: true, force: true });
});

type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** An installation of its own that works, on free ports; and the doctor who looks at it. */
async function newInstallation() {
  const home = await mkdtemp(path.join(tmpdir(), 'face-id-doctor-'));
  onTestFinished(() => rm(home, { recursive: true }));
  await cp(installed.embedder, path.join(home, 'triton/models/dlib_resnet'), { recursive: true });
  await cp(installed.detector, path.join(home, 'detector/models/ssd_mobilenetv1'), { recursive: true });
  const [api, detector, grpc, http, metrics] = await freePorts(5);
  const sections: Record<string, object> = {
    api: { port: api },
    detector: { port: detector, name: 'ssd_mobilenetv1' },
    triton: { grpc_port: grpc, http_port: http, metrics_port: metrics },
  };
  const configOf = (changes: Changes = {}) => {
    const merged: Record<string, unknown> = { ...sections };
    for (const [name, change] of Object.entries(changes)) merged[name] = { ...sections[name], ...change };
    return parseConfig({ text: JSON.stringify(merged), file: 'config.yaml', baseDir: home, env: {} });
  };

  async function doctor(changes: Changes = {}, runtime: object = {}) {
    const output = new PassThrough();
    let code = 0;
    const command = (args: string[]) =>
      createDoctorCommand({
        runtime: {
          ...{ nodeVersion: process.versions.node, platform: 'linux', hasMemorySettings: false, canRestart: true },
          ...{ memoryBytes: 8 * 1024 ** 3, load: async () => ({}), ...runtime },
        },
        context: async () => {
          const config = configOf(changes);
          return { config, models: modelOptions(config, { progress: silentProgress, signal }), signal };
        },
        configFile: path.join(home, 'config.yaml'),
        output,
        setExitCode: given => {
          code = given;
        },
      }).parseAsync(args, { from: 'user' });
    await command(['--json']);
    output.end('\n');
    const { result, exit_code } = JSON.parse(await text(output));
    const findings: Finding[] = result.findings;
    return {
      code,
      exit_code,
      findings,
      /** What is not well, in a line each with its remedy. */
      wrong: findings.flatMap(one =>
        one.state === 'ok' ? [] : [`${one.state} ${one.check}: ${one.message} → ${one.remedy}`],
      ),
    };
  }
  return { home, configOf, doctor, port: api! };
}

describe('face-id doctor', () => {
  it('finds an installation well that is', async () => {
    const { doctor, home } = await newInstallation();
    const before = (await readdir(home, { recursive: true })).sort();
    const { wrong, code, exit_code, findings } = await doctor();
    expect({ wrong, code, exit_code }).toEqual({ wrong: [], code: 0, exit_code: 0 });
    expect(findings.map(({ check }) => check)).toEqual([
      ...['node', 'sharp', 'onnxruntime-node', 'usearch', 'koffi', 'memory', 'memory settings', 'configuration'],
      'data_dir',
      ...['disk space', 'models.embedder', 'detector.name', 'encryption', 'store', 'api.port', 'detector.port'],
      ...['triton.metrics_port', 'triton.http_port', 'triton.grpc_port', 'service', 'api.host'],
    ]);
    expect((await readdir(home, { recursive: true })).sort()).toEqual(before);
  });

  it('finds the service itself well while it runs, and its ports used by it', async () => {
    const { doctor, configOf } = await newInstallation();
    const product = await startProduct(configOf());
    onTestFinished(() => product.close());
    const { wrong, findings } = await doctor();
    expect(wrong).toEqual([]);
    const said = (check: string) => findings.find(finding => finding.check === check)?.message;
    expect(said('api.port')).toMatch(/^face-id answers on \d+ already/);
    if (process.platform === 'linux') expect(said('triton.grpc_port')).toContain(`pid ${process.pid}`);
    expect(said('store')).toContain('is open in the service that runs');
    expect(said('service')).toMatch(/^runs at http:.* and is ready$/);
  });

  it('lists every wrong key of a configuration, and looks at what needs none', async () => {
    const { doctor } = await newInstallation();
    const { wrong, code } = await doctor({ api: { prot: 1 }, decision: { fmr: 2 } });
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toMatch(/^fault configuration: [\s\S]*api: Unrecognized key: "prot"\n +decision\.fmr: Too big/m);
    expect(wrong[0]).toContain('→ Correct ');
    expect(code).toBe(1);
  });

  it('misses a weights file, and tells one that was changed', async () => {
    const { doctor, home } = await newInstallation();
    const model = path.join(home, 'triton/models/dlib_resnet/1/model.onnx');
    await rm(model);
    expect((await doctor()).wrong).toEqual([
      `fault models.embedder: dlib_resnet is damaged: ${model} is missing → Build it again: \`face-id models add dlib_resnet\`.`,
    ]);
    await cp(path.join(installed.embedder, '1/model.onnx'), model);
    const { open } = await import('node:fs/promises');
    const handle = await open(model, 'r+');
    await handle.write(Buffer.from('changed'), 0, 7, 1000);
    await handle.close();
    expect((await doctor()).wrong[0]).toMatch(
      /^fault models\.embedder: dlib_resnet: 1\/model\.onnx is changed \(expected SHA-256 .* → Build it again/,
    );
  });

  it('says where models that are not installed come from, and which names there are', async () => {
    const { doctor } = await newInstallation();
    expect((await doctor({ models: { embedder: 'mobilefacenet' } })).wrong[0]).toMatch(
      /^warning models\.embedder: mobilefacenet is not installed; the first start builds it from github\.com\//,
    );
    const unknown = await doctor({ models: { embedder: 'facenett', mirror: 'nowhere' } });
    expect(unknown.wrong[0]).toMatch(
      /^fault models\.embedder: .*facenett.* → Set models\.embedder to one of dlib_resnet, /,
    );
    expect(unknown.wrong[1]).toMatch(/^warning models\.mirror: .*nowhere cannot be read: /);
  });

  it('names what uses a port that is not face-id', async () => {
    const { doctor, port } = await newInstallation();
    const other = http.createServer((_, response) => void response.end('another program'));
    await new Promise<void>(done => other.listen(port, '127.0.0.1', done));
    onTestFinished(() => void other.close());
    const { wrong } = await doctor();
    const who = process.platform === 'linux' ? `pid ${process.pid} \\(.+\\)` : 'another program';
    expect(wrong).toEqual([
      expect.stringMatching(
        `^fault api\\.port: ${port} is used by ${who} → Stop that, or set api\\.port to another port \\(FACE_ID__API__PORT=`,
      ),
    ]);
  });

  it('says that an address is none of this machine', async () => {
    const { doctor } = await newInstallation();
    const { wrong } = await doctor({ detector: { host: '203.0.113.7' } });
    expect(wrong).toEqual([
      expect.stringMatching(/^fault detector\.port: 203\.0\.113\.7 is no address of this machine → /),
    ]);
  });

  it('says that a gallery holds another model’s templates', async () => {
    const { doctor, home } = await newInstallation();
    const model = { name: 'facenet', fingerprint: 'of-facenet', dimension: 8 };
    const store = createLocalStore({ dataDir: path.join(home, 'data_dir'), model });
    const template = { vector: vectorOf(1), sourceSha256: 'x', detector: 'mtcnn' };
    await store.gallery('default').put({ id: 'ann', mode: 'append', templates: [template] });
    expect((await doctor()).wrong[0]).toMatch(
      /^fault store: .*data_dir is in use by another process, and no service answers/,
    );
    await store.close();
    expect((await doctor()).wrong).toEqual([
      "fault store: gallery 'default' holds 1 templates of facenet, which the configured model cannot compare → Set models.embedder " +
        'to facenet, carry the gallery over (docs/changing-the-model.md), take another data_dir, or erase that gallery and enrol again.',
    ]);
  });

  it('tells a damaged database from a whole one', async () => {
    const { doctor, home } = await newInstallation();
    const model = { name: 'dlib_resnet', fingerprint: 'x', dimension: 8 };
    await createLocalStore({ dataDir: path.join(home, 'data_dir'), model }).close();
    expect((await doctor()).wrong).toEqual([]);
    expect(await readdir(path.join(home, 'data_dir'))).toEqual(['faces.db']);
    await writeFile(path.join(home, 'data_dir/faces.db'), 'no database');
    expect((await doctor()).wrong[0]).toMatch(/^fault store: .*faces\.db is damaged: .* → Restore it from a backup/);
  });

  it('says that others can read what is biometric', async () => {
    const { doctor, home } = await newInstallation();
    const model = { name: 'dlib_resnet', fingerprint: 'x', dimension: 8 };
    await createLocalStore({ dataDir: path.join(home, 'data_dir'), model }).close();
    await chmod(path.join(home, 'data_dir'), 0o755);
    expect((await doctor()).wrong).toEqual([
      expect.stringMatching(/^warning data_dir: .* can be read by other users.* → chmod 700 /),
    ]);
  });

  it('says that data_dir is no folder', async () => {
    const { doctor, home } = await newInstallation();
    await writeFile(path.join(home, 'data_dir'), 'a file');
    expect((await doctor()).wrong[0]).toMatch(/^fault data_dir: .*data_dir is no folder → /);
  });

  it('asks the services at addresses, and says which do not answer', async () => {
    const { doctor } = await newInstallation();
    const away = { triton: { url: '127.0.0.1:9' }, detector: { url: 'http://127.0.0.1:9' } };
    const { wrong } = await doctor(away);
    expect(wrong).toEqual([
      expect.stringMatching(/^fault triton\.url: 127\.0\.0\.1:9 does not answer: .* → Start it, correct triton\.url/),
      expect.stringMatching(
        /^fault detector\.url: http:\/\/127\.0\.0\.1:9 does not answer: .* → Start it with `face-id serve detector`/,
      ),
    ]);
    const search = await doctor({ store: { kind: 'elasticsearch', urls: ['http://127.0.0.1:9'], timeout_ms: 500 } });
    expect(search.wrong).toEqual([expect.stringMatching(/^fault store: .* → Look at store\.urls/)]);
  });

  it('asks a Triton for its version and whether the model is READY', async () => {
    const { configOf } = await newInstallation();
    const served = await startProduct(configOf(), ['triton', 'detector']);
    onTestFinished(() => served.close());
    const { doctor } = await newInstallation();
    const at = { triton: { url: served.tritonAddress }, detector: { url: served.detectorUrl } };
    const { wrong, findings } = await doctor(at);
    expect(wrong).toEqual([]);
    const said = findings.filter(({ check }) => check === 'triton.url').map(({ message }) => message);
    expect(said).toEqual([
      expect.stringMatching(/^\S+ \S+ answers at 127\.0\.0\.1:\d+$/),
      'dlib_resnet is READY there',
    ]);
    const other = await doctor({ ...at, models: { embedder: 'mobilefacenet' } });
    expect(other.wrong.join('\n')).toMatch(
      /fault triton\.url: mobilefacenet is not READY there → Let that server serve /,
    );
  });

  it('wants API keys where other machines can ask', async () => {
    const { doctor, home } = await newInstallation();
    const open = { api: { host: '0.0.0.0' } };
    expect((await doctor(open)).wrong).toEqual([
      expect.stringMatching(
        /^fault api\.host: 0\.0\.0\.0 is reached from other machines, and there is no API key: .*face-id keys add/,
      ),
    ]);
    const model = { name: 'dlib_resnet', fingerprint: 'x', dimension: 8 };
    await createLocalStore({ dataDir: path.join(home, 'data_dir'), model }).close();
    const file = path.join(home, 'data_dir/keys.json');
    const now = new Date();
    const { stored } = issueKey({ name: 'console', scopes: ['read'], now, expires: null });
    await writeFile(file, formatKeyFile([stored]));
    expect(await doctor(open)).toMatchObject({ wrong: [] });
    await writeFile(file, formatKeyFile([{ ...stored, expires: now.toISOString() }]));
    expect((await doctor(open)).wrong).toEqual([
      expect.stringMatching(/^warning api\.host: .*every API key has expired/),
    ]);
    await writeFile(file, '{"version":1');
    const unreadable =
      /^fault api\.host: the API keys cannot be read: .*keys\.json is not valid JSON → Correct that file/;
    expect((await doctor(open)).wrong).toEqual([expect.stringMatching(unreadable)]);
  });

  it('looks at Node, native modules and memory', async () => {
    const { doctor } = await newInstallation();
    const load = async (name: string) => {
      if (name === 'sharp') throw new Error("Cannot find module '@img/sharp-linux-x64'\nRequire stack:");
    };
    const runtime = { nodeVersion: '20.19.2', memoryBytes: 512 * 1024 ** 2, canRestart: false, load };
    expect((await doctor({}, runtime)).wrong).toEqual([
      expect.stringMatching(/^fault node: Node 20\.19\.2: expected 24 or newer → Install Node 24/),
      expect.stringMatching(
        /^fault sharp: does not load: Cannot find module '@img\/sharp-linux-x64' → Install again on this machine/,
      ),
      expect.stringMatching(/^warning memory: 0\.5 GiB/),
      expect.stringMatching(/^warning memory settings: .* → Start it with MALLOC_ARENA_MAX=1 /),
    ]);
  });
});
