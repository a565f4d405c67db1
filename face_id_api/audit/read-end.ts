import type { FileHandle } from 'node:fs/promises';
import type { AuditContent } from './audit-chain.ts';
import { unreadableHead } from './audit-files.ts';
import { type AuditHead, formatHead, parseLine } from './audit-line.ts';

/** The end of a file of the log. */
export type FileEnd = {
  /** Bytes of its whole lines. */
  readonly size: number;
  /** Bytes behind them: of a line that its writer did not live to end. */
  readonly dropped: number;
  /** Null where there is none, or where it is not what its hash was made from. */
  readonly last: AuditHead | null;
};

/** Longer than any line: two hundred people of an import have 9 kB. */
const tailBytes = 1 << 20;
const newline = 0x0a;

export async function readEnd(handle: FileHandle, size: number): Promise<FileEnd> {
  const length = Math.min(size, tailBytes);
  const tail = Buffer.alloc(length);
  const { bytesRead } = await handle.read(tail, 0, length, size - length);
  const end = tail.subarray(0, bytesRead).lastIndexOf(newline) + 1;
  const dropped = bytesRead - end;
  if (end === 0) return { size: size - dropped, dropped, last: null };
  const start = tail.subarray(0, end - 1).lastIndexOf(newline) + 1;
  return { size: size - dropped, dropped, last: parseLine(tail.toString('utf8', start, end - 1)) };
}

/** What the next writer has to say of the end that it found: lines that stand before its own. */
export function describeEnd({ size, dropped, last }: FileEnd, head: AuditHead | null): AuditContent[] {
  const said: AuditContent[] = [];
  if (dropped > 0) said.push(remark('audit.repaired', { dropped_bytes: dropped }));
  const isCut = head !== null && head.seq > (last?.seq ?? 0);
  const isOther = head !== null && last !== null && head.seq === last.seq && head.hash !== last.hash;
  // There is a head before there is a line.
  const isChanged = last === null && (size > 0 || head === null);
  if (isCut || isOther || isChanged) {
    said.push(remark('audit.broken', { expected: head === null || head === unreadableHead ? null : formatHead(head) }));
  }
  return said;
}

function remark(action: 'audit.repaired' | 'audit.broken', details: AuditContent['details']): AuditContent {
  return { actor: 'audit', action, gallery: null, subjects: [], outcome: 'done', details };
}
