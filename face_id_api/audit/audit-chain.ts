import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../sync-folder.ts';
import { type AuditPlaces, auditFileNumbers, headText, readHeadFile } from './audit-files.ts';
import { type AuditHead, type AuditLine, formatLine, noLines } from './audit-line.ts';
import { openAuditLock } from './audit-lock.ts';
import { describeEnd, readEnd } from './read-end.ts';

/** A line before it has its place. */
export type AuditContent = Omit<AuditLine, 'seq' | 'time' | 'previous' | 'hash'>;

export type AuditChain = {
  /** The seq of each, once all of them are on the disk. Rejects with the disk's error; nothing of them is kept then. */
  append(contents: readonly AuditContent[]): Promise<number[]>;
  close(): Promise<void>;
};

export type AuditChainOptions = {
  readonly places: AuditPlaces;
  readonly now: () => Date;
  /** From this size on the next file is begun. */
  readonly maxFileBytes?: number;
  readonly lockWaitMs?: number;
};

type Waiting = {
  readonly contents: readonly AuditContent[];
  readonly resolve: (seqs: number[]) => void;
  readonly reject: (error: unknown) => void;
};

/** The file that is written to, and how far. */
type End = AuditHead & { readonly number: number; readonly handle: FileHandle; readonly size: number };

/**
 * The log's end, to which several processes may write, one at a time. What is asked for while the disk is busy is flushed to it together.
 * What a process that was killed left half, and what does not fit the head, is found by whoever writes next, and said in a line.
 */
export function openAuditChain({ places, now, maxFileBytes = 64 << 20, lockWaitMs }: AuditChainOptions): AuditChain {
  const lock = openAuditLock(places.lock, lockWaitMs);
  let waiting: Waiting[] = [];
  let running: Promise<void> | null = null;
  let end: End | null = null;
  let head: FileHandle | null = null;
  let closing: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const seqs = await lock.hold(() => write(batch.flatMap(({ contents }) => contents)));
        for (const { contents, resolve } of batch) resolve(seqs.splice(0, contents.length));
      } catch (error) {
        await forget();
        for (const { reject } of batch) reject(error);
      }
    }
    running = null;
  }

  async function write(contents: readonly AuditContent[]): Promise<number[]> {
    let at = await currentEnd();
    if (at.size >= maxFileBytes) {
      await at.handle.close();
      at = end = { ...at, ...(await openFile(at.number + 1)) };
    }
    end = await appendTo(at, contents);
    return contents.map((_, i) => at.seq + 1 + i);
  }

  async function appendTo(at: End, contents: readonly AuditContent[]): Promise<End> {
    const time = now().toISOString();
    let { seq, hash } = at;
    const lines = contents.map(content => {
      seq += 1;
      const line = formatLine({ ...content, seq, time, previous: hash });
      hash = line.hash;
      return line.text;
    });
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    try {
      await writeAll(at.handle, bytes);
      await at.handle.datasync();
    } catch (error) {
      // No half line may stand before the next one.
      await at.handle.truncate(at.size).catch(() => {});
      throw error;
    }
    const next = { ...at, seq, hash, size: at.size + bytes.length };
    await writeHead(next);
    return next;
  }

  /** In its place and of one length, so that it is whole at any moment; behind the lines, so that it never names one that is not there. */
  async function writeHead(at: AuditHead): Promise<void> {
    head ??= await open(places.head, constants.O_RDWR | constants.O_CREAT, 0o600);
    await head.write(headText(at), 0);
  }

  /** The end as this process left it, or as it is where another one has written since. */
  async function currentEnd(): Promise<End> {
    const known = await readHeadFile(places);
    if (end !== null && known?.seq === end.seq && known.hash === end.hash) {
      const { size, ino } = await stat(places.file(end.number)).catch(() => ({ size: -1, ino: -1 }));
      if (size === end.size && ino === (await end.handle.stat()).ino) return end;
    }
    await forget();
    return await findEnd();
  }

  async function findEnd(): Promise<End> {
    await mkdir(places.folder, { recursive: true, mode: 0o700 });
    const number = (await auditFileNumbers(places)).at(-1) ?? 1;
    const opened = await openFile(number);
    const found = await readEnd(opened.handle, opened.size);
    const known = await readHeadFile(places);
    // A new file may have been begun and nothing written to it.
    const isFresh = found.last === null && found.size === 0;
    const last = found.last ?? (isFresh && number > 1 ? await lastOf(number - 1) : null);
    const remarks = describeEnd({ ...found, last }, known);
    const start = last ?? (isFresh ? noLines : (known ?? noLines));
    end = { ...opened, size: found.size, seq: start.seq, hash: start.hash };
    if (found.dropped > 0) await opened.handle.truncate(found.size);
    if (remarks.length > 0) end = await appendTo(end, remarks);
    return end;
  }

  async function lastOf(number: number): Promise<AuditHead | null> {
    const { handle, size } = await openFile(number);
    const { last } = await readEnd(handle, size);
    await handle.close();
    return last;
  }

  async function openFile(number: number): Promise<Pick<End, 'number' | 'handle' | 'size'>> {
    const handle = await open(places.file(number), 'a+', 0o600);
    const { size } = await handle.stat();
    // A new file is on the disk once its folder is.
    if (size === 0) await syncFolder(path.dirname(places.file(number)));
    return { number, handle, size };
  }

  /** What is on the disk counts, not what is remembered. */
  async function forget(): Promise<void> {
    const handles = [end?.handle, head];
    end = head = null;
    for (const handle of handles) await handle?.close().catch(() => {});
  }

  async function close(): Promise<void> {
    await running;
    await forget();
    lock.close();
  }

  return {
    append(contents) {
      const { promise, resolve, reject } = Promise.withResolvers<number[]>();
      waiting.push({ contents, resolve, reject });
      running ??= run();
      return promise;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written)).bytesWritten;
  }
}
