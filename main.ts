import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Argument, Command } from 'commander';
import type { Config } from './config.ts';
import { createCountBar } from './face_id_api/cli/count-bar.ts';
import { readText } from './face_id_api/cli/read-text.ts';
import { type ListedCommand, runProgram } from './face_id_api/cli/run-program.ts';
import type { CliDeps } from './face_id_api/cli/service-command.ts';
import { serviceCommands } from './face_id_api/cli/service-commands.ts';
import { whenToldToStop } from './face_id_api/cli/when-told-to-stop.ts';
import { withExamples } from './face_id_api/cli/with-examples.ts';
import type { Part, Running, ServeContext } from './serve.ts';

// What a command needs is loaded when it runs: `face-id --help` and a call to a running service wait for neither models nor images.

/**
 * glibc, told to keep less of what is freed: photos and tensors of megabytes, in every thread, leave holes that it would hold on to
 * (docs/adr/0013-memory-is-settled-at-the-start.md has the figures).
 */
const mallocSettings = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '8000000',
  MALLOC_TRIM_THRESHOLD_: '8000000',
};

/** Megabytes. By V8's default of 16 the main thread's young objects take 130, most of it empty, and what sockets read is freed late (ADR 13). */
const semiSpace = 2;

/**
 * Percent. By default V8 collects everything once a third has been added to what lives. Here 30 MB live, and the 10 MB of pixels that come and go
 * with a photo count: without this each ends in a full collection, 30 to 60 ms of processor time. Triton alone has no photos, and may grow more.
 */
const heapGrowth = { withPhotos: 100, tritonAlone: 200 };
setFlagsFromString(`--heap-growing-percent=${heapGrowth.withPhotos}`);

/** ONNX Runtime 1.30 sends figures about its sessions to its makers unless this is set before the first one opens. Nothing leaves this service. */
process.env.ORT_DISABLE_TELEMETRY = '1';

const root = import.meta.dirname;
/** As serve.ts has them, which `--help` does not wait for. */
const allParts: readonly Part[] = ['triton', 'detector', 'api'];
/** Built and installed as a package: what is kept then belongs to the folder that it is started in. */
const isPackage = import.meta.filename.endsWith('.js');
const home = isPackage ? process.cwd() : root;
const interrupted = new AbortController();
const setExitCode = (code: number): void => {
  process.exitCode = code;
};
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const cli: CliDeps = {
  url: process.env.FACE_ID_URL ?? 'http://127.0.0.1:8004',
  apiKey: process.env.FACE_ID_API_KEY,
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  progress: what => createCountBar(what, process.stderr),
  concurrency: 2 * os.availableParallelism(),
  signal: interrupted.signal,
  setExitCode,
};

/** In the order of the help. */
const commands: Readonly<Record<string, ListedCommand>> = {
  serve: { summary: 'start everything, or one of the processes', load: serveCommand },
  ...serviceCommands(cli),
  gallery: { summary: 'export, import, copy, fill, sweep and re-embed galleries; audit', load: galleryCommand },
  keys: { summary: 'make, list, rotate and remove API keys', load: keysCommand },
  models: { summary: 'list the known models; add, verify and remove them', load: modelsCommand },
  doctor: { summary: 'say what is wrong with this installation, and what to do', load: doctorCommand },
  demo: { summary: 'ask, enrol and ask again on six sample photos', load: demoCommand },
  eval: { summary: 'measure thresholds and accuracy on labelled photos', load: evalCommand },
};

function serveCommand(): Command {
  return withExamples(
    new Command('serve')
      .description('start everything, or one of the processes')
      .addArgument(new Argument('[part...]', 'what to start; nothing: all').choices(allParts)),
    ['serve', 'serve detector'],
  ).action(async (wanted: Part[]) => {
    restartWithMemorySettings();
    if (wanted.join() === 'triton') setFlagsFromString(`--heap-growing-percent=${heapGrowth.tritonAlone}`);
    const config = await readConfig();
    sayWhereThingsAre(config);
    const [{ default: closeWithGrace }, { serve }] = await Promise.all([
      import('close-with-grace'),
      import('./serve.ts'),
    ]);
    const running = await serve(config, wanted.length === 0 ? allParts : wanted, await contextFor('info'));
    closeWithGrace({ delay: 20_000 }, async ({ err }) => {
      if (err) process.stderr.write(`${err.stack ?? err.message}\n`);
      await running.close();
    });
  });
}

async function modelsCommand(): Promise<Command> {
  const [{ createModelsCommand }, { toJson }] = await Promise.all([
    import('./triton/build/models-command.ts'),
    import('./face_id_api/cli/write-answer.ts'),
  ]);
  const command = createModelsCommand({
    context: async () => (await import('./serve.ts')).modelOptions(await readConfig(), await contextFor('warn')),
    write: text => void process.stdout.write(text),
    writeJson: (name, exitCode, result) => void process.stdout.write(toJson(name, exitCode, result)),
    setExitCode,
  });
  return withExamples(command, ['models', 'models add mobilefacenet']);
}

async function galleryCommand(): Promise<Command> {
  const [{ createGalleryCommand }, { connect }, { createEncryptionCommand }] = await Promise.all([
    import('./face_id_api/gallery/gallery-command.ts'),
    import('./face_id_api/cli/service-command.ts'),
    import('./face_id_api/encryption/encryption-command.ts'),
  ]);
  const command = createGalleryCommand({
    withStore: async (work, file) => {
      const config = await readConfig(file);
      const { records, model } = await (await import('./serve.ts')).openStore(config, await contextFor('warn'));
      try {
        await work(records.store, model, records);
      } finally {
        await records.close();
      }
    },
    dataDir: async () => (await readConfig()).data_dir,
    withApi: work => withEngine(allParts, ({ apiUrl }, apiKey) => work(apiUrl ?? '', apiKey), null),
    withEngine: (model, work) => withEngine(['triton', 'detector'], work, ':memory:', model),
    connect: (url, gallery, apiKey = cli.apiKey, signal = cli.signal) =>
      connect({ ...cli, apiKey, signal }, { url, gallery, timeout: 65 }),
    progress: cli.progress,
    input: process.stdin,
    output: process.stdout,
    print,
    concurrency: cli.concurrency,
    signal: interrupted.signal,
  });
  command.addCommand(createEncryptionCommand({ config: () => readConfig(), print }));
  return withExamples(command, ['gallery export --out staff.ndjson', 'gallery enrol-folder people/']);
}

async function keysCommand(): Promise<Command> {
  const [{ createKeysCommand }, { keysFileOf }, { auditWork }] = await Promise.all([
    import('./face_id_api/keys/keys-command.ts'),
    import('./face_id_api/keys/key-file.ts'),
    import('./face_id_api/audit/audit-work.ts'),
  ]);
  const command = createKeysCommand({
    file: async () => keysFileOf(await readConfig()),
    audited: async (action, details, work) => auditWork((await readConfig()).data_dir, { action, details }, work),
    print,
    note: line => void process.stderr.write(`${line}\n`),
  });
  return withExamples(command, ['keys add reception --scope read,enrol', 'keys list']);
}

async function doctorCommand(): Promise<Command> {
  const { createDoctorCommand } = await import('./face_id_api/doctor/doctor-command.ts');
  return createDoctorCommand({
    runtime: {
      nodeVersion: process.versions.node,
      platform: process.platform,
      hasMemorySettings: Object.keys(mallocSettings).some(name => process.env[name] !== undefined),
      canRestart: process.execve !== undefined,
      memoryBytes: Math.min(os.totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
      load: name => import(name),
    },
    context: async () => {
      const config = await readConfig();
      const { modelOptions } = await import('./serve.ts');
      return { config, models: modelOptions(config, await contextFor('warn')), signal: interrupted.signal };
    },
    configFile: path.resolve(process.env.FACE_ID_CONFIG ?? path.join(home, 'config.yaml')),
    output: process.stdout,
    setExitCode,
  });
}

async function demoCommand(): Promise<Command> {
  const { createDemoCommand } = await import('./face_id_api/demo/demo-command.ts');
  return createDemoCommand({
    withApi: work => withEngine(allParts, ({ apiUrl }, apiKey) => work(apiUrl ?? '', apiKey)),
    labels: path.join(root, 'data/demo.json'),
    print,
    setExitCode,
  });
}

async function evalCommand(): Promise<Command> {
  const { createEvalCommand } = await import('./face_id_api/eval/create-eval-command.ts');
  return createEvalCommand({
    withEngine: work =>
      withEngine(['triton', 'detector'], async ({ finder, embedder, embedderModel, detectorModel }) => {
        if (finder && embedder && embedderModel && detectorModel) {
          return work({ finder, embedder, card: embedderModel.card, detector: detectorModel.name });
        }
        const { ConfigError } = await import('./config.ts');
        throw new ConfigError('face-id eval needs detector.url and triton.url to be "embedded"');
      }),
    calibrationDir: path.join(root, 'data/calibration'),
    progress: cli.progress,
    print,
    signal: interrupted.signal,
  });
}

/**
 * Runs the product on free ports, over a gallery in memory that nobody else sees; with `storeDir` null over the configured store. Others
 * on this machine may find the port: the API opens to a key that only this process knows.
 */
async function withEngine(
  wanted: readonly Part[],
  work: (running: Running, apiKey: string) => Promise<void>,
  storeDir: string | null = ':memory:',
  embedder?: string,
): Promise<void> {
  const config = await readConfig();
  const apart: Config = {
    ...config,
    models: { ...config.models, ...(embedder !== undefined && { embedder }) },
    api: { ...config.api, host: '127.0.0.1', port: 0, tls: null },
    detector: { ...config.detector, host: '127.0.0.1', port: 0 },
    triton: { ...config.triton, host: '127.0.0.1', grpc_port: 0, http_port: null, metrics_port: 0 },
  };
  const { serve } = await import('./serve.ts');
  const apiKey = randomBytes(32).toString('hex');
  const running = await serve(apart, wanted, {
    ...(await contextFor('warn')),
    apiKey,
    print: () => {},
    ...(storeDir !== null && { storeDir }),
  });
  try {
    await work(running, apiKey);
  } finally {
    await running.close();
  }
}

/** glibc and V8 read their settings once, before the first line of a program; so this process becomes itself again, with them. */
function restartWithMemorySettings(): void {
  const isSet = Object.keys(mallocSettings).some(name => process.env[name] !== undefined);
  if (process.platform !== 'linux' || isSet || process.execve === undefined) return;
  // What was given on the command line comes later and wins.
  const args = [process.execPath, `--max-semi-space-size=${semiSpace}`, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, args, { ...process.env, ...mallocSettings });
}

/** The configuration of `named`, by default what FACE_ID_CONFIG names. */
async function readConfig(named: string | undefined = process.env.FACE_ID_CONFIG): Promise<Config> {
  const { ConfigError, parseConfig } = await import('./config.ts');
  const file = path.resolve(named ?? path.join(home, 'config.yaml'));
  if (named !== undefined && !existsSync(file)) throw new ConfigError(`There is no configuration file ${file}`);
  const text = existsSync(file) ? await readText(file) : '';
  return parseConfig({ text, file, baseDir: path.dirname(file), env: process.env });
}

/** Once, at the first start of an installed package: a folder that fills up unasked would surprise. */
function sayWhereThingsAre(config: Config): void {
  if (!isPackage || existsSync(config.data_dir)) return;
  print(`face-id keeps what it needs in these folders, which it makes now:
  ${config.data_dir}  (who is enrolled)
  ${config.triton.model_repository}, ${config.detector.model_dir}  (models)
To have them elsewhere, put a config.yaml there and name it in FACE_ID_CONFIG. Every key with its default: ${path.join(root, '../config.yaml')}
`);
}

async function contextFor(level: 'info' | 'warn'): Promise<ServeContext> {
  const [{ pino }, { createTerminalProgress }] = await Promise.all([
    import('pino'),
    import('./triton/build/terminal-progress.ts'),
  ]);
  return {
    logger: pino({ level }),
    progress: createTerminalProgress(process.stderr),
    print,
    signal: interrupted.signal,
  };
}

whenToldToStop(() => interrupted.abort(), { byNpm: process.env.npm_lifecycle_event === 'start' });

const given = process.argv.slice(2);
await runProgram({
  // `node main.ts` in a checkout starts everything, as it always did; who types `face-id` wants to know what there is.
  args: given.length === 0 && !isPackage ? ['serve'] : given,
  commands,
  version: JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version,
  output: process.stdout,
  errors: process.stderr,
  signal: interrupted.signal,
  setExitCode,
});
