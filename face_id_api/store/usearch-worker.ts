import { createHash } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readSync, renameSync } from 'node:fs';
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { IndexAnswer, IndexMessage, IndexReplies, IndexRequest } from './index-request.ts';
import { createUsearchIndex, type UsearchIndex } from './usearch-index.ts';

/** The thread of the indexes: usearch blocks whoever calls it. Requests are answered in the order in which they come. */
const indexes = new Map<number, UsearchIndex>();

parentPort?.on('message', ({ call, request }: IndexMessage) => {
  parentPort?.postMessage(answer(call, request));
});

function answer(call: number, request: IndexRequest): IndexAnswer {
  try {
    return { call, reply: reply(request) };
  } catch (error) {
    return { call, error: error instanceof Error ? error.message : String(error) };
  }
}

function reply(request: IndexRequest): IndexReplies[keyof IndexReplies] {
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
    case 'search':
      return indexOf(gallery).search(request.probe, request.count, request.effort);
    case 'save':
      return save(indexOf(gallery), request.file);
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
function load({ gallery, dimension, file, sha256, live, newest }: IndexRequest & { ask: 'load' }): Float64Array {
  const found = hashOf(file);
  if (found !== sha256) throw new Error(`the saved index: expected SHA-256 ${sha256}, got ${found}`);
  const index = createUsearchIndex(dimension);
  index.load(file);
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
function save(index: UsearchIndex, file: string): string {
  const draft = `${file}.new`;
  index.save(draft);
  chmodSync(draft, 0o600);
  sync(draft);
  const sha256 = hashOf(draft);
  renameSync(draft, file);
  sync(path.dirname(file));
  return sha256;
}

function sync(file: string): void {
  const opened = openSync(file, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

function hashOf(file: string): string {
  const hash = createHash('sha256');
  const block = new Uint8Array(1 << 20);
  const opened = openSync(file, 'r');
  try {
    for (let read = readSync(opened, block); read > 0; read = readSync(opened, block))
      hash.update(block.subarray(0, read));
  } finally {
    closeSync(opened);
  }
  return hash.digest('hex');
}
