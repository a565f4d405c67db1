import { open } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../model-error.ts';
import type { FetchRequest } from './source.ts';

export type ReadOutcome =
  | { readonly ok: true; readonly files: ReadonlyMap<string, Uint8Array> }
  | { readonly ok: false; readonly reason: string };

/** Reads the requested files from one folder. A file larger than published is refused by its size, before it is read. */
export async function readFolder(folder: string, request: FetchRequest): Promise<ReadOutcome> {
  const files = new Map<string, Uint8Array>();
  let done = 0;
  for (const wanted of request.files) {
    request.signal.throwIfAborted();
    const file = path.join(folder, wanted.name);
    try {
      const bytes = await readBounded(file, wanted.bytes);
      files.set(wanted.name, bytes);
      done += bytes.length;
      request.onBytes(done);
    } catch (error) {
      return { ok: false, reason: messageOf(error) };
    }
  }
  return { ok: true, files };
}

/** Reads one file of at most `maxBytes`. Throws, before it is read, when it is larger. */
export async function readBounded(file: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) throw new Error(`${file}: expected at most ${maxBytes} bytes, got ${size}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
