import { existsSync } from 'node:fs';
import { type AuditPlaces, auditFileNumbers, readAuditFile, readHeadFile, unreadableHead } from './audit-files.ts';
import { type AuditHead, type AuditLine, noLines, parseLine } from './audit-line.ts';

export type AuditReport = {
  readonly files: number;
  /** Lines that are what their hashes were made from. */
  readonly lines: number;
  readonly head: AuditHead;
  /** Changes whose outcome is not known: the process ended, or the disk was full. */
  readonly open: number;
  /** What was changed or is missing, each in words. */
  readonly faults: readonly string[];
  /** What is worth knowing, and no fault. */
  readonly notes: readonly string[];
};

/**
 * Reads the whole log and says where it is not as it was written. Whoever can write it can write all of it anew, head included: only
 * a head that was kept elsewhere (`kept`) shows that.
 */
export async function verifyAudit(places: AuditPlaces, kept: readonly AuditHead[] = []): Promise<AuditReport> {
  const faults: string[] = [];
  const notes: string[] = [];
  const begun = new Set<number>();
  const own = await readHeadFile(places);
  const heads = [...kept.map(head => ({ head, what: 'the head that was kept' })), ...headOf(own)];
  const met = new Set<AuditHead>();
  let last: AuditHead = noLines;
  let lines = 0;
  /** Behind a line that was changed the next one cannot be compared. */
  let isLost = false;

  function take(line: AuditLine, place: string): void {
    lines += 1;
    if (!isLost) compare(line, place);
    isLost = false;
    for (const { head, what } of heads) {
      if (head.seq !== line.seq) continue;
      met.add(head);
      if (head.hash !== line.hash) faults.push(`${place}: line ${line.seq} is another one than ${what} names`);
    }
    if (line.action === 'audit.broken') faults.push(`${place}: when it was written, the log did not fit its head`);
    if (line.action === 'audit.repaired') {
      notes.push(`${place}: the line before was not ended by a process that was killed, and taken away`);
    }
    if (line.outcome === 'begun') begun.add(line.seq);
    else begun.delete(Number(line.details.begun));
    last = line;
  }

  function compare({ seq, previous }: AuditLine, place: string): void {
    const expected = last.seq + 1;
    if (seq > expected) faults.push(`${place}: ${missing(expected, seq - 1)}`);
    else if (seq < expected)
      faults.push(`${place}: expected line ${expected}, got ${seq}: lines were put in another order`);
    else if (previous !== last.hash) faults.push(`${place}: line ${seq} does not follow from the one before it`);
  }

  const numbers = await auditFileNumbers(places);
  for (const number of numbers) {
    const file = places.file(number);
    for await (const { number: at, text, isWhole } of readAuditFile(file)) {
      const place = `${file}:${at}`;
      const line = parseLine(text);
      if (isWhole && line !== null) take(line, place);
      else if (isWhole) {
        faults.push(`${place}: is not the line that was written`);
        isLost = true;
      } else notes.push(`${place}: is not ended: it is being written, or its process was killed`);
    }
  }
  if (own === null && lines > 0) faults.push(`${places.head}: is missing, and with it what shows whether the end is`);
  if (own === null && lines === 0 && existsSync(places.key)) {
    faults.push(`${places.head}: is missing, and so is every line of the log that ${places.key} was made for`);
  }
  if (own === unreadableHead) {
    faults.push(
      `${places.head}: expected the number and hash of the last line, got something else: it cannot show whether the end is missing`,
    );
  }
  for (const { head, what } of heads) {
    if (head.seq === 0 || met.has(head)) continue;
    if (head.seq > last.seq)
      faults.push(`the log ends with line ${last.seq}, ${what} names line ${head.seq}: lines are missing`);
    else faults.push(`line ${head.seq}, which ${what} names, is not there`);
  }
  return { files: numbers.length, lines, head: { seq: last.seq, hash: last.hash }, open: begun.size, faults, notes };
}

function headOf(own: AuditHead | null): { head: AuditHead; what: string }[] {
  return own === null || own === unreadableHead ? [] : [{ head: own, what: 'audit.head' }];
}

function missing(first: number, last: number): string {
  return first === last ? `line ${first} is missing before it` : `lines ${first} to ${last} are missing before it`;
}
