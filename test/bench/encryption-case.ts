// A part of `npm run bench -- encryption` in a process of its own: node encryption-case.ts fill|start|search JSON. The result is one line of JSON.

import { createMasterKey } from '../../face_id_api/encryption/master-key.ts';
import { createLocalStore } from '../../face_id_api/store/local-store.ts';
import type { GalleryModel, Store } from '../../face_id_api/store/store.ts';
import { madeUpRecord, photosEach } from './made-up-record.ts';
import { median } from './median.ts';
import { createPeople } from './people.ts';

export type Place = {
  readonly dir: string;
  /** Hexadecimal; null: plain. */
  readonly key: string | null;
};

/** What a process is told; `places`: one to fill or start, several to search in turns. */
export type CaseOptions = { readonly places: readonly Place[]; readonly model: GalleryModel; readonly count: number };

/** Of each place: medians of searches of one probe, of people who were not searched before, and of all by template and by person. */
export type SearchedPlaces = {
  readonly first: readonly number[];
  readonly template: readonly number[];
  readonly person: readonly number[];
};

const recordsAtOnce = 250;
/**
 * Searches of each place: the places in turns for each probe, so that all see the same noise. The first warm up, those up to `known` are
 * of people who were not searched before; of up to 12,000 templates all have been by then.
 */
const probes = { warm: 300, known: 3000, timed: 3000 };
const signal = new AbortController().signal;
const [task, given = '{}'] = process.argv.slice(2);
const { places, model, count } = JSON.parse(given) as CaseOptions;
const people = createPeople(model.dimension);
const persons = count / photosEach;

const result = task === 'fill' ? await fill() : task === 'start' ? await start() : await search();
process.stdout.write(`${JSON.stringify(result)}\n`);

function open({ dir, key }: Place): Store {
  const masterKey = key === null ? null : createMasterKey(Buffer.from(key, 'hex'));
  return createLocalStore({ dataDir: dir, model, masterKey, rotateVectors: masterKey !== null });
}

async function fill(): Promise<null> {
  const store = open(places[0]!);
  for (let person = 0; person < persons; person += recordsAtOnce) {
    const records = Array.from({ length: Math.min(recordsAtOnce, persons - person) }, (_, i) =>
      madeUpRecord(people, person + i, model),
    );
    await store.gallery('default').import(records);
  }
  await settled(store);
  await store.close();
  return null;
}

/** Milliseconds from opening the folder to the first answer. */
async function start(): Promise<number> {
  const probe = people.photo(1, photosEach);
  const begun = performance.now();
  const store = open(places[0]!);
  await store.gallery('default').search([probe], { topK: 1, signal });
  const ms = performance.now() - begun;
  await store.close();
  return ms;
}

async function search(): Promise<SearchedPlaces> {
  const stores = places.map(open);
  for (const store of stores) await store.gallery('default').describe();
  for (const store of stores) await settled(store);
  const { first, known } = await timed(stores, 'template');
  const { known: person } = await timed(stores, 'person');
  for (const store of stores) await store.close();
  return { first, template: known, person };
}

async function timed(stores: readonly Store[], by: 'template' | 'person') {
  const times = { first: stores.map((): number[] => []), known: stores.map((): number[] => []) };
  for (let n = 0; n < probes.known + probes.timed; n++) {
    const probe = people.photo((n * 7919) % persons, photosEach);
    // Who comes first comes second next time: the first of two finds the processor's caches cold.
    for (const place of n % 2 === 0 ? stores.keys() : [...stores.keys()].reverse()) {
      const begun = performance.now();
      await stores[place]!.gallery('default').search([probe], { topK: 1, by, signal });
      const ms = performance.now() - begun;
      if (n >= probes.known) times.known[place]!.push(ms);
      else if (n >= probes.warm && n < persons) times.first[place]!.push(ms);
    }
  }
  return { first: times.first.map(median), known: times.known.map(median) };
}

/** Until the index has everything. */
async function settled(store: Store): Promise<void> {
  for (;;) {
    const ready = await store.ready();
    if (ready.ok && ready.degraded === undefined) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
