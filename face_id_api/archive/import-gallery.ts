import { ServiceError } from '../../detector/errors.ts';
import { invalidRequest } from '../../detector/http/problem-json.ts';
import type { ConsentRule } from '../store/gallery-rules.ts';
import type { Gallery, GallerySummary, IdentityRecord } from '../store/store.ts';
import {
  type ArchiveEnd,
  type ArchiveHeader,
  describeIssues,
  endSchema,
  headerSchema,
  toRecord,
} from './archive-lines.ts';
import { LineTooLong, readLines } from './read-lines.ts';

/** Why a line was left out. */
export const lineRefusalCodes = ['INVALID_REQUEST', 'IDENTITY_FULL', 'TEMPLATE_EXISTS', 'CONSENT_REQUIRED'] as const;

export type RefusedLine = {
  /** From 1; the header's is 1. */
  readonly line: number;
  readonly code: (typeof lineRefusalCodes)[number];
  readonly reason: string;
};

export type Imported = {
  readonly identities: number;
  readonly templates: number;
  /** The first ones; `refusedCount` counts all. */
  readonly refused: readonly RefusedLine[];
  readonly refusedCount: number;
  /** Whether the archive had its end, and as many lines as that says. */
  readonly complete: boolean;
};

export type ImportOptions = {
  /** Called after each part that is durable. */
  readonly onProgress?: (identities: number) => void;
  readonly maxLineBytes?: number;
  /** Which consents are wanted; absent: none. */
  readonly consents?: Pick<ConsentRule, 'enrol'>;
};

/** An identity with all the templates that it may have, of 512 values each, has 29 MB. */
const defaultMaxLineBytes = 64 * 1024 * 1024;
const listedRefusals = 1000;
/** What is durable together: enough that flushing the disk does not count, little enough to hold. */
const batchIdentities = 200;
const batchTemplates = 1000;

/**
 * Reads an archive into a gallery that is there; an identity takes the place of the one that had its id. Lines that are at fault are
 * left out and named. Rejects with INVALID_REQUEST for a header that is none or of another kind of item, MODEL_MISMATCH for another
 * model's vectors, and as the store; what was reported to `onProgress` is durable then.
 */
export async function importGallery(
  gallery: Gallery,
  chunks: AsyncIterable<Uint8Array>,
  { onProgress = () => {}, maxLineBytes = defaultMaxLineBytes, consents }: ImportOptions = {},
): Promise<Imported> {
  const summary = await gallery.describe();
  const refused: RefusedLine[] = [];
  let refusedCount = 0;
  let [identities, templates] = [0, 0];
  let header: ArchiveHeader | null = null;
  let end: ArchiveEnd | null = null;
  let batch: Numbered[] = [];

  function refuse({ line, code, reason }: RefusedLine): void {
    refusedCount += 1;
    if (refused.length < listedRefusals) refused.push({ line, code, reason });
  }

  async function flush(): Promise<void> {
    for (const { record, fault } of await importBatch(gallery, batch)) {
      if (fault !== null) {
        refuse(fault);
        continue;
      }
      identities += 1;
      templates += record.templates.length;
    }
    batch = [];
    onProgress(identities);
  }

  try {
    for await (const { line, bytes } of readLines(chunks, maxLineBytes)) {
      if (header === null) {
        header = readHeader(bytes, summary);
        continue;
      }
      if (bytes.length === 0) continue;
      const read = readRecord(line, bytes, header, consents);
      if ('end' in read) end = read.end;
      else if ('code' in read) refuse(read);
      else {
        if (isFull(batch) || batch.some(({ record }) => record.id === read.record.id)) await flush();
        batch.push(read);
      }
    }
  } catch (error) {
    throw error instanceof LineTooLong ? new ServiceError('TOO_LARGE', error.message, { cause: error }) : error;
  }
  if (header === null) throw invalidRequest([{ path: 'body', message: 'line 1: expected the header of an archive' }]);
  if (batch.length > 0) await flush();
  const complete = end !== null && end.identities === identities + refusedCount;
  return { identities, templates, refused, refusedCount, complete };
}

type Numbered = { readonly line: number; readonly record: IdentityRecord };
type Outcome = Numbered & { readonly fault: RefusedLine | null };

/** All together; one at a time where one of them is at fault. */
async function importBatch(gallery: Gallery, batch: readonly Numbered[]): Promise<Outcome[]> {
  try {
    await gallery.import(batch.map(({ record }) => record));
    return batch.map(one => ({ ...one, fault: null }));
  } catch (error) {
    const [first] = batch;
    if (first === undefined || faultOf(error, first.line) === null) throw error;
    if (batch.length === 1) return [{ ...first, fault: faultOf(error, first.line) }];
    const outcomes: Outcome[] = [];
    for (const one of batch) outcomes.push(...(await importBatch(gallery, [one])));
    return outcomes;
  }
}

/** What a line is refused for; null where it is not the line's own fault. */
function faultOf(error: unknown, line: number): RefusedLine | null {
  if (error instanceof RangeError) return { line, code: 'INVALID_REQUEST', reason: error.message };
  const code = error instanceof ServiceError ? lineRefusalCodes.find(known => known === error.code) : undefined;
  return code === undefined || !(error instanceof Error) ? null : { line, code, reason: error.message };
}

function isFull(batch: readonly Numbered[]): boolean {
  const templates = batch.reduce((sum, { record }) => sum + record.templates.length, 0);
  return batch.length >= batchIdentities || templates >= batchTemplates;
}

function readHeader(bytes: Uint8Array, gallery: GallerySummary): ArchiveHeader {
  const parsed = headerSchema.safeParse(parseJson(bytes));
  if (!parsed.success) {
    const message = `line 1: expected the header of an archive; ${describeIssues(parsed.error)}`;
    throw invalidRequest([{ path: 'body', message }]);
  }
  const { kind, model } = parsed.data;
  if (kind !== gallery.kind) {
    throw invalidRequest([{ path: 'body', message: `line 1: kind: expected ${gallery.kind}, as the gallery's` }]);
  }
  // An empty gallery may still take the archive's model; its store decides that.
  if (gallery.templates > 0 && model.fingerprint !== gallery.model.fingerprint) {
    throw new ServiceError(
      'MODEL_MISMATCH',
      `The archive holds vectors of model '${model.name}', the gallery those of '${gallery.model.name}': import it into another gallery`,
    );
  }
  return parsed.data;
}

function readRecord(
  line: number,
  bytes: Uint8Array,
  { model }: ArchiveHeader,
  consents: ImportOptions['consents'],
): Numbered | RefusedLine | { end: ArchiveEnd } {
  const json = parseJson(bytes);
  const end = endSchema.safeParse(json);
  if (end.success) return end.data;
  try {
    const record = toRecord(json, model);
    if (record.templates.length > 0) consents?.enrol(record);
    return { line, record };
  } catch (error) {
    const fault = faultOf(error, line);
    if (fault === null) throw error;
    return fault;
  }
}

/** Undefined where it is no JSON, or no UTF-8. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
