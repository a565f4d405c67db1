import { createHash } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readSync, renameSync } from 'node:fs';
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import { withMemoryFile } from '../encryption/memory-file.ts';
import { type FileSeal, openFile, sealFile } from '../encryption/sealed-file.ts';
import type { IndexAnswer, IndexMessage, IndexReplies, IndexRequest } from './index-request.ts';
import { createUsearchIndex, searchThreads, type UsearchIndex } from './usearch-index.ts';

/** The thread of the indexes: usearch blocks whoever calls it. Requests are answered in the order in which they come. */
const indexes = new Map<number, UsearchIndex>();
/** Searches that are done as one: enough to keep all threads busy, few enough that the first need not wait for long. */
const searchesAtOnce = 4 * searchThreads;

/** One request, or searches that are alike except for their probes. */
type Group = { readonly calls: number[]; readonly request: IndexRequest; readonly probes: Float32Array[] };
type Reply = IndexReplies[keyof IndexReplies];

parentPort?.on('message', (messages: readonly IndexMessage[]) => {
  for (const group of inGroups(messages)) parentPort?.postMessage(answer(group));
});

function inGroups(messages: readonly IndexMessage[]): Group[] {
  const groups: Group[] = [];
  for (const { call, request } of messages) {
    const last = groups.at(-1);
    const probes = request.ask === 'search' ? [request.probe] : [];
    if (last !== undefined && last.calls.length < searchesAtOnce && areAlike(last.request, request)) {
      last.calls.push(call);
      last.probes.push(...probes);
    } else {
      groups.push({ calls: [call], request, probes });
    }
  }
  return groups;
}

function areAlike(a: IndexRequest, b: IndexRequest): boolean {
  if (a.ask !== 'search' || b.ask !== 'search') return false;
  const [one, other] = [a.look, b.look];
  return (
    a.gallery === b.gallery && one.depth === other.depth && one.effort === other.effort && one.further === other.further
  );
}

function answer(group: Group): IndexAnswer[] {
  const { calls } = group;
  try {
    const replies = repliesTo(group);
    return calls.map((call, i) => ({ call, reply: replies[i] ?? null }));
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    return calls.map(call => ({ call, error }));
  }
}

function repliesTo({ request, probes }: Group): readonly Reply[] {
  if (request.ask === 'search') return indexOf(request.gallery).search(probes, request.look);
  return [reply(request)];
}

function reply(request: Exclude<IndexRequest, { ask: 'search' }>): Reply {
  const { gallery } = request;
  switch (request.ask) {
    case 'create':
      indexes.set(gallery, createUsearchIndex(request.dimension));
      return null;
    case 'load':
      return load(request);
    case 'add':
      indexOf(gallery).add(request.keys, request.vectors);
      return null;
    case 'remove':
      return indexOf(gallery).remove(request.keys);
    case 'save':
      return save(indexOf(gallery), request.file, request.seal);
    case 'drop':
      indexes.delete(gallery);
      return null;
  }
}

function indexOf(gallery: number): UsearchIndex {
  const index = indexes.get(gallery);
  if (index === undefined) throw new Error(`gallery ${gallery}: expected an index, found none`);
  return index;
}

/** Reads a saved index, drops from it what is gone from the gallery since, and says what it lacks. */
function load({ gallery, dimension, file, sha256, seal, live, newest }: IndexRequest & { ask: 'load' }): Float64Array {
  const index = createUsearchIndex(dimension);
  if (seal === null) {
    const found = hashOf(file);
    if (found !== sha256) throw new Error(`the saved index: expected SHA-256 ${sha256}, got ${found}`);
    index.load(file);
  } else {
    withMemoryFile(memory => {
      withFile(file, 'r', saved => openFile(saved, memory.fd, seal, sha256));
      index.load(memory.path);
    });
  }
  const missing = index.missing(live);
  dropDead(index, live, live.length - missing.length, newest);
  indexes.set(gallery, index);
  return missing;
}

/** usearch does not list its keys, so all that were ever given and are not alive are asked for, until none can be left. */
function dropDead(index: UsearchIndex, live: Float64Array, alive: number, newest: number): void {
  let next = live.length - 1;
  for (let key = newest; key > 0 && index.size > alive; key--) {
    if (live[next] === key) next -= 1;
    else index.remove(Float64Array.of(key));
  }
}

/** Whole under its name or not there at all. */
function save(index: UsearchIndex, file: string, seal: FileSeal | null): string {
  const draft = `${file}.new`;
  const sha256 = seal === null ? savePlain(index, draft) : saveSealed(index, draft, seal);
  renameSync(draft, file);
  sync(path.dirname(file));
  return sha256;
}

function savePlain(index: UsearchIndex, draft: string): string {
  index.save(draft);
  chmodSync(draft, 0o600);
  sync(draft);
  return hashOf(draft);
}

/** usearch writes into files only: into one that no disk has. */
function saveSealed(index: UsearchIndex, draft: string, seal: FileSeal): string {
  return withMemoryFile(memory => {
    index.save(memory.path);
    return withFile(draft, 'wx', to => {
      const digest = sealFile(memory.fd, to, seal);
      fsyncSync(to);
      return digest;
    });
  });
}

function sync(file: string): void {
  withFile(file, 'r', fsyncSync);
}

function withFile<T>(file: string, flags: 'r' | 'wx', work: (opened: number) => T): T {
  const opened = openSync(file, flags, 0o600);
  try {
    return work(opened);
  } finally {
    closeSync(opened);
  }
}

function hashOf(file: string): string {
  const hash = createHash('sha256');
  const block = new Uint8Array(1 << 20);
  withFile(file, 'r', opened => {
    for (let read = readSync(opened, block); read > 0; read = readSync(opened, block))
      hash.update(block.subarray(0, read));
  });
  return hash.digest('hex');
}
