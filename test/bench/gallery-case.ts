// One measurement in a process of its own: node gallery-case.ts fill|search DIR|URL TEMPLATES MODEL [EXACT]; a URL is Elasticsearch's, MODEL is JSON, EXACT a file for the best scores. The result is one line of JSON on stdout.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cosine } from '../../face_id_api/core/similarity.ts';
import { createElasticsearchStore } from '../../face_id_api/store/elasticsearch-store.ts';
import { createLocalStore } from '../../face_id_api/store/local-store.ts';
import type { GalleryModel, Store } from '../../face_id_api/store/store.ts';
import { madeUpRecord, photosEach } from './made-up-record.ts';
import { createPeople } from './people.ts';

export type Filled = {
  readonly insertsPerSecond: number;
  /** Templates a second that the index takes once all is inserted; null where there is none. */
  readonly indexedPerSecond: number | null;
  readonly closeMs: number;
};

export type Searched = {
  readonly warmStartMs: number;
  readonly bytesPerTemplate: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU time of a search, all threads: what p50 comes to on a machine that does nothing else. */
  readonly cpuMs: number;
  /** Share of probes whose nearest template was found: photos of people who are enrolled, and of others. */
  readonly recallEnrolled: number;
  readonly recallStrangers: number;
};

const recordsAtOnce = 250;
/** Photos of people who are enrolled, all of them judged as well: of a thousandth more or less 500 would say nothing. */
const timedProbes = 2000;
const strangerProbes = 500;
const [task, place = '', given = '0', givenModel = '', exactFile = ''] = process.argv.slice(2);
const model = JSON.parse(givenModel) as GalleryModel;
const { dimension } = model;
const people = createPeople(dimension);
const count = Number(given);
const persons = count / photosEach;
const signal = new AbortController().signal;

const result = task === 'fill' ? await fill() : await search();
process.stdout.write(`${JSON.stringify(result)}\n`);

function openStore(): Store {
  if (!place.startsWith('http')) return createLocalStore({ dataDir: place, model });
  return createElasticsearchStore({
    connection: { urls: [place], auth: null, ca: null, timeoutMs: 600_000 },
    prefix: 'bench',
    model,
    index: { type: 'int8_hnsw', shards: 1, replicas: 0, refreshInterval: '1s' },
    refresh: true,
  });
}

async function fill(): Promise<Filled> {
  const store = openStore();
  let insertMs = 0;
  for (let person = 0; person < persons; person += recordsAtOnce) {
    const records = Array.from({ length: Math.min(recordsAtOnce, persons - person) }, (_, i) =>
      madeUpRecord(people, person + i, model),
    );
    const begun = performance.now();
    await store.gallery('default').import(records);
    insertMs += performance.now() - begun;
    // The index takes its share meanwhile.
    await sleep(0);
  }
  const lacking = await lag(store);
  const begun = performance.now();
  while ((await lag(store)) > 0) await sleep(50);
  const indexedPerSecond = lacking === 0 ? null : (1000 * lacking) / (performance.now() - begun);
  const closing = performance.now();
  await store.close();
  return { insertsPerSecond: (1000 * count) / insertMs, indexedPerSecond, closeMs: performance.now() - closing };
}

async function search(): Promise<Searched> {
  const probes = Array.from({ length: timedProbes }, (_, i) => people.photo((i * 7919) % persons, photosEach));
  const strangers = Array.from({ length: strangerProbes }, (_, i) => people.photo(persons + i, 0));
  globalThis.gc?.();
  const before = residentBytes();
  const begun = performance.now();
  const store = openStore();
  await store.gallery('default').describe();
  const warmStartMs = performance.now() - begun;
  await settled();

  const nearest = async (probe: Float32Array): Promise<number> =>
    (await store.gallery('default').search([probe], { topK: 1, signal }))[0]?.[0]?.score ?? -1;
  for (const probe of probes.slice(0, 200)) await nearest(probe);
  const times: number[] = [];
  const found: number[] = [];
  const cpu = process.cpuUsage();
  for (const probe of probes) {
    const asked = performance.now();
    found.push(await nearest(probe));
    times.push(performance.now() - asked);
  }
  const { user, system } = process.cpuUsage(cpu);
  globalThis.gc?.();
  const bytesPerTemplate = (residentBytes() - before) / count;
  const foundStrangers: number[] = [];
  for (const probe of strangers) foundStrangers.push(await nearest(probe));
  await store.close();
  times.sort((a, b) => a - b);
  const exact = knownScores() ?? exactScores([...probes, ...strangers]);
  return {
    warmStartMs,
    bytesPerTemplate,
    p50: times[times.length >> 1]!,
    p99: times[Math.floor(times.length * 0.99)]!,
    cpuMs: (user + system) / 1000 / probes.length,
    recallEnrolled: share(found, exact.subarray(0, timedProbes)),
    recallStrangers: share(foundStrangers, exact.subarray(timedProbes)),
  };
}

/** Templates that the index does not have yet and that count as a delay; 0 once searches are as they should be. */
async function lag(store: Store): Promise<number> {
  const ready = await store.ready();
  const text = ready.ok ? (ready.degraded ?? '') : ready.reason;
  return Number(/lacks (\d+) templates/.exec(text)?.[1] ?? 0);
}

/** Once the index has taken up what it lacked when it was saved: the process has nothing more to do. */
async function settled(): Promise<void> {
  for (let busy = 1; busy > 0.05; ) {
    const [cpu, begun] = [process.cpuUsage(), performance.now()];
    await sleep(500);
    const { user, system } = process.cpuUsage(cpu);
    busy = (user + system) / 1000 / (performance.now() - begun);
  }
}

/** As an earlier search of a kept store has left them. */
function knownScores(): Float64Array | null {
  return existsSync(exactFile) ? new Float64Array(new Uint8Array(readFileSync(exactFile)).buffer) : null;
}

/** The best score of each probe over everybody, made again rather than kept. */
function exactScores(probes: readonly Float32Array[]): Float64Array {
  const best = new Float64Array(probes.length).fill(-1);
  for (let person = 0; person < persons; person++) {
    for (let n = 0; n < photosEach; n++) {
      const vector = people.photo(person, n);
      for (const [i, probe] of probes.entries()) {
        const score = cosine(probe, 0, vector, 0, dimension);
        if (score > best[i]!) best[i] = score;
      }
    }
  }
  if (exactFile !== '') writeFileSync(exactFile, best);
  return best;
}

function share(found: readonly number[], exact: Float64Array): number {
  return exact.reduce((hits, score, i) => hits + (found[i]! >= score - 1e-5 ? 1 : 0), 0) / exact.length;
}

function residentBytes(): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return 1024 * Number(kilobytes);
}
