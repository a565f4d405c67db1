import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { SingleBar } from 'cli-progress';
import closeWithGrace from 'close-with-grace';
import { Argument, Command } from 'commander';
import { pino } from 'pino';
import { type Config, ConfigError, parseConfig } from './config.ts';
import { runDemo } from './face_id_api/demo/run-demo.ts';
import { evalCommand } from './face_id_api/eval/eval-command.ts';
import { EvaluationError } from './face_id_api/eval/evaluation-error.ts';
import { writeCalibration } from './face_id_api/eval/write-calibration.ts';
import { createGalleryCommand } from './face_id_api/gallery/gallery-command.ts';
import { GalleryError } from './face_id_api/gallery/gallery-error.ts';
import { keysFileOf } from './face_id_api/keys/key-file.ts';
import { createKeysCommand } from './face_id_api/keys/keys-command.ts';
import { KeysError } from './face_id_api/keys/keys-error.ts';
import { StartError } from './face_id_api/start-error.ts';
import { modelOptions, openStore, type Part, parts, type Running, type ServeContext, serve } from './serve.ts';
import { ModelError } from './triton/build/model-error.ts';
import { createModelsCommand } from './triton/build/models-command.ts';
import { resolveInstalledPackage } from './triton/build/sources/fetch-from-npm.ts';
import { createTerminalProgress } from './triton/build/terminal-progress.ts';
import { isCropName } from './triton/core/crop-spec.ts';

/**
 * glibc, told to keep less of what is freed: photos and tensors of megabytes, in every thread, leave holes that it would hold on to
 * (docs/adr/0013-memory-is-settled-at-the-start.md has the figures).
 */
const mallocSettings = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '8000000',
  MALLOC_TRIM_THRESHOLD_: '8000000',
};

/** V8's default of 16 MB lets the main thread's young objects alone take 130 MB, most of it empty. */
const v8Settings = ['--max-semi-space-size=8'];

/**
 * By default V8 collects everything once a third has been added to what lives. Here 30 MB live, and the 10 MB of pixels that come and go with
 * a photo count: without this every photo ends in a full collection, 30 to 60 ms of processor time and the longest stop of the event loop.
 */
setFlagsFromString('--heap-growing-percent=100');

const root = import.meta.dirname;
const interrupted = new AbortController();

const program = new Command('face-id').description('photo in, identity out');

program
  .command('serve', { isDefault: true })
  .description('start everything, or one of the processes')
  .addArgument(new Argument('[part...]', 'what to start; nothing: all').choices(parts))
  .action(async (wanted: Part[]) => {
    restartWithMemorySettings();
    const config = await readConfig();
    const running = await serve(config, wanted.length === 0 ? parts : wanted, contextFor('info'));
    closeWithGrace({ delay: 20_000 }, async ({ err }) => {
      if (err) process.stderr.write(`${err.stack ?? err.message}\n`);
      await running.close();
    });
  });

program.addCommand(
  createModelsCommand({
    context: async () => modelOptions(await readConfig(), contextFor('warn')),
    write: text => void process.stdout.write(text),
    setExitCode: code => {
      process.exitCode = code;
    },
  }),
);

program.addCommand(
  createGalleryCommand({
    withStore: async (work, file) => {
      const config = await readConfig(file);
      const opened = await openStore(config, contextFor('warn'));
      try {
        await work(opened.store, opened.model);
      } finally {
        await opened.store.close();
      }
    },
    withApi: work => withEngine(parts, ({ apiUrl }, apiKey) => work(apiUrl ?? '', apiKey), null),
    apiKey: process.env.FACE_ID_API_KEY || null,
    progress: countProgress,
    input: process.stdin,
    output: process.stdout,
    print,
    // Detector, wire and embedder are kept busy at the same time.
    concurrency: 2 * os.availableParallelism(),
    signal: interrupted.signal,
  }),
);

program.addCommand(
  createKeysCommand({
    file: async () => keysFileOf(await readConfig()),
    print,
    note: line => void process.stderr.write(`${line}\n`),
  }),
);

program
  .command('demo')
  .description('ask, enrol and ask again on six sample photos; writes annotated pictures')
  .option('--out <dir>', 'folder for the pictures', 'demo_out')
  .action(async ({ out }: { out: string }) => {
    await withEngine(['triton', 'detector', 'api'], async ({ apiUrl }, apiKey) => {
      const { wrong } = await runDemo({
        apiUrl: apiUrl ?? '',
        apiKey,
        labels: path.join(root, 'data/demo.json'),
        photoDir: path.join(resolveInstalledPackage('@vladmandic/face-api'), 'demo'),
        outDir: path.resolve(out),
        print,
      });
      if (wrong > 0) process.exitCode = 1;
    });
  });

program
  .command('eval')
  .description('measure thresholds, probabilities and accuracy on labelled pairs in the layout of LFW')
  .requiredOption('--data <dir>', 'folder with images/<person>/<person>_0001.jpg and the lists of pairs')
  .option('--pairs <file>', 'list in it that thresholds are taken from', 'pairsDevTrain.txt')
  .option('--test <file>', 'list of other people to test them on (default: pairsDevTest.txt beside pairsDevTrain.txt)')
  .option('--out <dir>', 'folder for the report', 'eval_out')
  .option('--write', 'put the result into data/calibration, from where model cards take it')
  .action(async (asked: { data: string; pairs: string; test?: string; out: string; write?: true }) => {
    // Loaded here: the charts' libraries would slow every other command's start.
    const { runEval } = await import('./face_id_api/eval/run-eval.ts');
    await withEngine(['triton', 'detector'], async ({ finder, embedder, embedderModel, detectorModel }) => {
      const card = embedderModel?.card;
      const crop = card?.crop?.name;
      if (!finder || !embedder || !card || !detectorModel || crop === undefined || !isCropName(crop)) {
        throw new ConfigError('npm run eval needs detector.url and triton.url to be "embedded"');
      }
      const calibration = await runEval({
        finder,
        embedder,
        crop,
        data: path.resolve(asked.data),
        pairs: asked.pairs,
        test: asked.test ?? null,
        outDir: path.resolve(asked.out),
        run: {
          embedder: card.name,
          detector: detectorModel.name,
          command: evalCommand(asked, card.name, detectorModel.name),
          date: new Date().toISOString().slice(0, 10),
        },
        progress: countProgress('photos'),
        print,
        signal: interrupted.signal,
      });
      const calibrationDir = path.join(root, 'data/calibration');
      if (asked.write) print(`Written to ${await writeCalibration(calibrationDir, card, calibration)}`);
    });
  });

/**
 * Runs the product on free ports, over a gallery in memory that nobody else sees; with `storeDir` null over the configured store. Others
 * on this machine may find the port: the API opens to a key that only this process knows.
 */
async function withEngine(
  wanted: readonly Part[],
  work: (running: Running, apiKey: string) => Promise<void>,
  storeDir: string | null = ':memory:',
): Promise<void> {
  const config = await readConfig();
  const apart: Config = {
    ...config,
    api: { ...config.api, host: '127.0.0.1', port: 0, tls: null },
    detector: { ...config.detector, host: '127.0.0.1', port: 0 },
    triton: { ...config.triton, host: '127.0.0.1', grpc_port: 0, http_port: null, metrics_port: 0 },
  };
  const apiKey = randomBytes(32).toString('hex');
  const running = await serve(apart, wanted, {
    ...contextFor('warn'),
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
  const args = [process.execPath, ...v8Settings, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, args, { ...process.env, ...mallocSettings });
}

/** The configuration of `named`, by default what FACE_ID_CONFIG names. */
async function readConfig(named: string | undefined = process.env.FACE_ID_CONFIG): Promise<Config> {
  const file = path.resolve(named ?? path.join(root, 'config.yaml'));
  if (named !== undefined && !existsSync(file)) throw new ConfigError(`There is no configuration file ${file}`);
  const text = existsSync(file) ? await readFile(file, 'utf8') : '';
  return parseConfig({ text, file, baseDir: path.dirname(file), env: process.env });
}

function contextFor(level: 'info' | 'warn'): ServeContext {
  return {
    logger: pino({ level }),
    progress: createTerminalProgress(process.stderr),
    print,
    signal: interrupted.signal,
  };
}

/** Without a terminal nothing is drawn. */
function countProgress(what: string) {
  const format = `{bar} {value}/{total} ${what}, {rate}/s, {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr });
  const begun = performance.now();
  let count = 0;
  const rate = (): string => ((1000 * count) / (performance.now() - begun)).toFixed(1);
  return {
    start: (total: number): void => bar.start(total, 0, { rate: '0.0' }),
    step: (): void => bar.update(++count, { rate: rate() }),
    done: (): void => bar.stop(),
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

try {
  await program.parseAsync();
} catch (error) {
  if (interrupted.signal.aborted) {
    process.exitCode = 130;
  } else if (
    error instanceof ConfigError ||
    error instanceof StartError ||
    error instanceof GalleryError ||
    error instanceof KeysError ||
    error instanceof ModelError ||
    error instanceof EvaluationError
  ) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
