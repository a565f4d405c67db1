import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AuditHead, formatHead, parseHead } from './audit-line.ts';

/** Where an audit log lies in a data_dir. The head is apart from the lines, so that one of the two alone cannot be cut short unseen. */
export function auditPlaces(dataDir: string) {
  const folder = path.join(dataDir, 'audit');
  return {
    folder,
    head: path.join(dataDir, 'audit.head'),
    /** Makes subjects of ids. */
    key: path.join(dataDir, 'audit.key'),
    lock: path.join(dataDir, 'audit.lock'),
    file: (number: number): string => path.join(folder, `${String(number).padStart(6, '0')}.ndjson`),
  };
}

export type AuditPlaces = ReturnType<typeof auditPlaces>;

/** The numbers of the files that there are, ascending; none where there is no folder. */
export async function auditFileNumbers({ folder }: AuditPlaces): Promise<number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.flatMap(name => (/^\d{6,}\.ndjson$/.test(name) ? Number.parseInt(name, 10) : [])).sort((a, b) => a - b);
}

const headLength = 16 + 1 + 64 + 1;

/** What the head's file holds; always of one length, so that it can be written in its place. */
export function headText(head: AuditHead): string {
  return `${formatHead(head).padStart(headLength - 1)}\n`;
}

/** What is there and no head: nothing fits it. */
export const unreadableHead: AuditHead = { seq: Number.MAX_SAFE_INTEGER, hash: '' };

/** Null where there is none. */
export async function readHeadFile({ head }: AuditPlaces): Promise<AuditHead | null> {
  const text = await readFile(head, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text === '' ? null : (parseHead(text) ?? unreadableHead);
}

/** A line as it lies there; `isWhole`: it has its end. */
export type RawLine = { readonly number: number; readonly text: string; readonly isWhole: boolean };

/** The lines of one file; a part of one is held, never the file. */
export async function* readAuditFile(file: string): AsyncGenerator<RawLine> {
  let rest = '';
  let number = 1;
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) yield { number: number++, text, isWhole: true };
  }
  if (rest !== '') yield { number, text: rest, isWhole: false };
}
