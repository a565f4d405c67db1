// npm run bench -- reembed: re-embeds 300 labelled photos from dlib_resnet to mobilefacenet, into the local store on the disk, beside the bare
// pipeline: the same finder and embedder over the same files, one face each, without SHA-256, gallery and old model. In turns; medians.
// Needs ../shared/photos/lfw-dev and ../shared/models; writes docs/benchmarks-reembed.md.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { type Config, parseConfig } from '../../config.ts';
import { mapConcurrently } from '../../face_id_api/core/map-concurrently.ts';
import type { ReembedEngine } from '../../face_id_api/reembed/embed-templates.ts';
import { toReembedEngine } from '../../face_id_api/reembed/open-engine.ts';
import { reembedGallery } from '../../face_id_api/reembed/reembed-gallery.ts';
import { createStorePair } from '../../face_id_api/reembed/store-pair.ts';
import { createLocalStore } from '../../face_id_api/store/local-store.ts';
import { type Running, serve } from '../../serve.ts';
import { silentProgress } from '../../triton/build/progress.ts';
import { fixed, machine, table } from './markdown.ts';
import { median } from './median.ts';
import { publish, quick, root } from './publish.ts';

const [oldName, newName] = ['dlib_resnet', 'mobilefacenet'];
const count = quick ? 100 : 300;
const rounds = quick ? 1 : 5;
const images = path.resolve(root, '../shared/photos/lfw-dev/images');
const mirror = path.resolve(root, '../shared/models');
const concurrency = 2 * os.availableParallelism();
const { signal } = new AbortController();
const noProgress = { start: () => {}, step: () => {}, done: () => {} };

if (!existsSync(images) || !existsSync(mirror)) throw new Error(`expected ${images} and ${mirror}`);
const folder = await mkdtemp(path.join(tmpdir(), 'face-id-reembed-'));
try {
  await measure(await photosOf());
} finally {
  await rm(folder, { recursive: true });
}

async function measure(files: readonly string[]): Promise<void> {
  // The old model's own process ends before: its gallery is what is left of it.
  await withEngine(oldName, async running => {
    const store = createLocalStore({ dataDir: path.join(folder, 'gallery'), model: running.embedder!.model });
    await enrolAll(files, running, store.gallery('default').put);
    await store.close();
  });
  await withEngine(newName, async running => {
    const { name, fingerprint, dimension } = running.embedder!.model;
    const store = createLocalStore({ dataDir: path.join(folder, 'gallery'), model: { name, fingerprint, dimension } });
    const pair = createStorePair(store, 'default');
    const { model } = await pair.describe();
    const engine = await toReembedEngine(running, model, signal);
    if (engine.old === null) throw new Error(`expected ${oldName} to be served, too`);
    const rates: Record<'bare' | 'whole', number[]> = { bare: [], whole: [] };
    await bare(files.slice(0, 50), engine);
    for (let round = 0; round < rounds; round++) {
      rates.bare.push(await photosPerSecond(files.length, () => bare(files, engine)));
      const whole = await photosPerSecond(files.length, async () => {
        const photos = files.map(file => ({ name: file, read: () => readFile(file) }));
        await reembedGallery(pair, { engine, photos, concurrency, progress: noProgress, signal });
      });
      rates.whole.push(whole);
      await pair.dropBeside();
    }
    await store.close();
    await publish('docs/benchmarks-reembed.md', date => report(files.length, rates, date));
  });
}

async function photosOf(): Promise<string[]> {
  const people = (await readdir(images)).sort();
  const files = await Promise.all(
    people.slice(0, count).map(async person => {
      const [first] = (await readdir(path.join(images, person))).sort();
      return path.join(images, person, first!);
    }),
  );
  return files;
}

async function withEngine(embedder: string, work: (running: Running) => Promise<void>): Promise<void> {
  const repository = path.join(folder, 'models');
  const config: Config = parseConfig({
    text: JSON.stringify({
      api: { port: 0 },
      detector: { port: 0 },
      triton: { grpc_port: 0, http_port: null, metrics_port: 0, model_repository: repository },
      models: { embedder, mirror },
      data_dir: path.join(folder, 'data'),
    }),
    file: 'bench',
    baseDir: root,
    env: {},
  });
  const running = await serve(config, ['triton', 'detector'], {
    logger: pino({ level: 'silent' }),
    progress: silentProgress,
    print: () => {},
    signal,
  });
  try {
    await work(running);
  } finally {
    await running.close();
  }
}

type Put = ReturnType<ReturnType<typeof createLocalStore>['gallery']>['put'];

async function enrolAll(files: readonly string[], { finder, embedder }: Running, put: Put): Promise<void> {
  await mapConcurrently(files, { limit: concurrency, signal }, async (file, index) => {
    const bytes = await readFile(file);
    const { crops, faces, detector } = await finder!.find(bytes, { crop: embedder!.model.crop }, { signal });
    if (crops === null || faces.length === 0) return;
    const [vector] = await embedder!.embed(crops.subarray(0, crops.length / faces.length), 1, { signal });
    const sourceSha256 = createHash('sha256').update(bytes).digest('hex');
    await put({ id: index, mode: 'append', templates: [{ vector: vector!, sourceSha256, detector }] });
  });
}

/** The pipeline without anything around it. */
async function bare(files: readonly string[], { finder, embedder }: ReembedEngine): Promise<void> {
  await mapConcurrently(files, { limit: concurrency, signal }, async file => {
    const { crops, faces } = await finder.find(await readFile(file), { crop: embedder.model.crop }, { signal });
    if (crops !== null && faces.length > 0)
      await embedder.embed(crops.subarray(0, crops.length / faces.length), 1, { signal });
  });
}

async function photosPerSecond(photos: number, work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (1000 * photos) / (performance.now() - begun);
}

function report(photos: number, { bare: alone, whole }: Record<'bare' | 'whole', number[]>, date: string): string {
  const [a, b] = [median(alone), median(whole)];
  return [
    '# Benchmark of re-embedding',
    '',
    'Written by `npm run bench -- reembed`; do not edit. A gallery of one template for each of so many photos of LFW (250 px) is carried over from',
    `${oldName} to ${newName}, into the local store on the disk; of several faces the old model finds the right one. Beside it the bare`,
    'pipeline: the same detector and embedder over the same files, one face each, and nothing else. In turns; medians.',
    '',
    `${date} · ${machine()}`,
    '',
    ...table(
      ['photos', 'rounds', 'bare pipeline, photos/s', 're-embedding, photos/s', 'share'],
      [[String(photos), String(alone.length), fixed(a, 1), fixed(b, 1), `${fixed((100 * b) / a, 1)} %`]],
    ),
    '',
  ].join('\n');
}
