import os from 'node:os';
import usearch from 'usearch';
import { createHugePages } from './huge-pages.ts';
import { type Look, type Nearest, noNearest, standsOut } from './nearest.ts';

/** An approximate index over unit vectors (HNSW, float16). Its calls block. */
export type UsearchIndex = {
  /** Vectors one after another, a key each, none of which is in it. */
  add(keys: Float64Array, vectors: Float32Array): void;
  /** Forgets keys and overwrites their vectors; how many there were. */
  remove(keys: Float64Array): number;
  /** To each probe the at most `depth` nearest, roughly best first. The probes share the processors. */
  search(probes: readonly Float32Array[], look: Look): Nearest[];
  /** Of these, the keys that are not in it. */
  missing(keys: Float64Array): Float64Array;
  readonly size: number;
  save(file: string): void;
  /** @throws also by ending the process where the file is not what `save` wrote: check its hash first */
  load(file: string): void;
};

/**
 * Links of a node (twice as many in the ground layer), and how far insertion and search look around (Malkov and Yashunin 2018: M, efConstruction,
 * ef). Chosen by `npm run bench -- gallery`: recall@1 of enrolled people at a million, within 700 bytes a template.
 */
const connectivity = 24;
const expansionAdd = 128;
const expansionSearch = 64;

const blockKeys = 4096;
/** The index takes memory in ever larger pieces: after so many vectors there may be another. */
const addsToLook = 4096;

/** Threads that search. An index has room for as many as were said when it last grew, and none for one more: every `add` says so many. */
export const searchThreads = os.availableParallelism();

/** Keys from here on are of no template. */
const fillerBase = 2n ** 62n;

/**
 * usearch keeps a removed vector's bytes, in memory and in what it saves, until the place is given to another. So a filler with a
 * random vector takes the place at once, and gives it up when a template is added. There is never another free place, which makes it
 * certain who gets it.
 */
export function createUsearchIndex(dimension: number): UsearchIndex {
  const index = new usearch.Index({
    dimensions: dimension,
    // One minus the inner product, which of unit vectors is the cosine.
    metric: usearch.MetricKind.IP,
    quantization: usearch.ScalarKind.F16,
    connectivity,
    expansion_add: expansionAdd,
    expansion_search: expansionSearch,
    multi: false,
  });
  const hugePages = createHugePages();
  let fillers = 0;
  let added = 0;

  const filler = (n: number): BigUint64Array => BigUint64Array.of(fillerBase + BigInt(n));

  /** Which of the keys are in it, a block at a time: asking and answering makes an object of each. */
  function contained(keys: Float64Array): Uint8Array {
    const found = new Uint8Array(keys.length);
    for (let start = 0; start < keys.length; start += blockKeys) {
      const block = index.contains(toUsearchKeys(keys.subarray(start, start + blockKeys))) as boolean[];
      for (const [i, is] of block.entries()) found[start + i] = is ? 1 : 0;
    }
    return found;
  }

  function nearest(probes: readonly Float32Array[], depth: number, effort: number): Nearest[] {
    // usearch looks at as many as it is asked for.
    const asked = Math.max(depth, effort);
    const found = index.search([...probes], asked, searchThreads);
    const matches = found instanceof usearch.BatchMatches ? probes.map((_, i) => found.get(i)) : [found];
    return matches.map(({ keys, distances }) => {
      const places: number[] = [];
      for (let i = 0; i < keys.length && places.length < depth; i++) if (keys[i]! < fillerBase) places.push(i);
      return {
        keys: Float64Array.from(places, i => Number(keys[i])),
        scores: Float32Array.from(places, i => 1 - distances[i]!),
        all: keys.length < asked && keys.length <= depth,
        effort: asked,
        size: index.size() - fillers,
      };
    });
  }

  return {
    add(keys, vectors) {
      // One after another: templates that come together are of one person, and side by side they would not be linked to each other.
      for (const [i, key] of keys.entries()) {
        if (fillers > 0) index.remove(filler(--fillers));
        index.add(BigUint64Array.of(BigInt(key)), vectors.subarray(i * dimension, (i + 1) * dimension), searchThreads);
        added += 1;
        if (added % addsToLook === 0) hugePages.ask();
      }
    },
    remove(keys) {
      let removed = 0;
      for (const key of keys) {
        const [count = 0] = index.remove(BigUint64Array.of(BigInt(key))) as number[];
        if (count === 0) continue;
        index.add(filler(fillers++), randomUnit(dimension), searchThreads);
        removed += 1;
      }
      return removed;
    },
    search(probes, { depth, effort, further }) {
      if (index.size() === 0 || probes.length === 0) return probes.map(() => noNearest);
      const found = nearest(probes, depth, effort);
      const unclear = further > Math.max(depth, effort) ? [...found.keys()].filter(i => isUnclear(found[i]!)) : [];
      if (unclear.length === 0) return found;
      const again = nearest(
        unclear.map(i => probes[i]!),
        depth,
        further,
      );
      for (const [n, i] of unclear.entries()) found[i] = again[n]!;
      return found;
    },
    missing(keys) {
      const found = contained(keys);
      return keys.filter((_, i) => found[i] === 0);
    },
    get size() {
      return index.size() - fillers;
    },
    save: file => index.save(file),
    load(file) {
      index.load(file);
      hugePages.ask();
      fillers = 0;
      while ((index.contains(filler(fillers)) as boolean[])[0] === true) fillers += 1;
    },
  };
}

function isUnclear({ scores, all }: Nearest): boolean {
  return !all && !standsOut(scores[0] ?? -1, scores.at(-1) ?? -1);
}

function toUsearchKeys(keys: Float64Array): BigUint64Array {
  return BigUint64Array.from(keys, BigInt);
}

/** Even over all directions: normal values, made by Box and Muller's transform. */
function randomUnit(dimension: number): Float32Array {
  const values = Array.from({ length: dimension }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
    return radius * Math.cos(2 * Math.PI * Math.random());
  });
  const length = Math.hypot(...values);
  return Float32Array.from(values, value => value / length);
}
