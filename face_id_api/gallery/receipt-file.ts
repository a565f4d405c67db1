import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { systemReason } from '../cli/system-error.ts';
import { syncFolder } from '../sync-folder.ts';
import { notWritable } from './expect-writable.ts';
import { GalleryError } from './gallery-error.ts';

export type ReceiptFile = {
  /** Resolves when they are on the disk. @throws GalleryError where they are not */
  add(receipts: readonly object[]): Promise<void>;
  close(): Promise<void>;
};

/**
 * A file for receipts, a line of JSON each, behind those that it has. Receipts that it does not take go to `print`: nobody could make them again.
 * @throws GalleryError where it cannot be written
 */
export async function openReceiptFile(file: string, print: (line: string) => void): Promise<ReceiptFile> {
  const { handle, isKept } = await openAtEnd(file).catch(cause => {
    throw notWritable('--receipts', file, cause);
  });
  return {
    async add(receipts) {
      if (receipts.length === 0) return;
      const lines = receipts.map(receipt => JSON.stringify(receipt));
      try {
        await handle.appendFile(lines.map(line => `${line}\n`).join(''));
        if (isKept) await handle.sync();
      } catch (cause) {
        for (const line of lines) print(line);
        throw new GalleryError(
          `--receipts ${file}: the receipts above could not be written, and nobody more is erased: ${systemReason(cause)}`,
          { cause },
        );
      }
    },
    close: () => handle.close(),
  };
}

async function openAtEnd(file: string): Promise<{ readonly handle: FileHandle; readonly isKept: boolean }> {
  const handle = await open(file, 'a+', 0o600);
  // A terminal or a pipe has no disk to be on.
  const isKept = (await handle.stat()).isFile();
  if (isKept) {
    await endLastLine(handle);
    await syncFolder(path.dirname(path.resolve(file)));
  }
  return { handle, isKept };
}

/** A process that was killed, or a full disk, may have left a part of a line. */
async function endLastLine(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  if (size === 0) return;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer.toString() !== '\n') await handle.appendFile('\n');
}
