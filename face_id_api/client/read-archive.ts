import { FaceIdError } from './face-id-error.ts';

/** First line of an exported gallery. */
export type ArchiveHeader = {
  readonly format: 'face-id gallery';
  /** 1 knew of no consents. */
  readonly version: 1 | 2;
  readonly gallery: string;
  readonly kind: string;
  readonly model: { readonly name: string; readonly fingerprint: string; readonly dimension: number };
  readonly exported_at: string;
};

/** One person of an exported gallery, with all templates. */
export type ArchiveIdentity = {
  readonly id: number | string;
  readonly name: string | null;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  /** Absent in an archive of version 1. */
  readonly consent?: { readonly purpose: string; readonly given: string; readonly expires: string | null } | null;
  readonly created: string;
  readonly updated: string;
  /** The day of the last recognition; absent in an archive of version 1. */
  readonly seen?: string | null;
  readonly templates: readonly {
    readonly id: string;
    /** float32, little-endian, in base64. */
    readonly vector: string;
    readonly source_sha256: string;
    readonly detector: string;
    readonly created: string;
  }[];
};

/** Last line of an exported gallery: without it the archive was cut off. */
export type ArchiveEnd = { readonly end: { readonly identities: number; readonly templates: number } };

export type ArchiveLine = ArchiveHeader | ArchiveIdentity | ArchiveEnd;

/**
 * The lines of an archive as they arrive; leaving the loop ends the transfer.
 * @throws FaceIdError UNEXPECTED_REPLY where a line is no JSON, or the last one is missing
 */
export async function* readArchive(body: ReadableStream<Uint8Array>): AsyncGenerator<ArchiveLine, void> {
  let complete = false;
  for await (const text of readLines(body)) {
    const line = parseLine(text);
    complete = 'end' in line;
    yield line;
  }
  if (!complete) throw new FaceIdError('UNEXPECTED_REPLY', 'The archive was cut off: its last line is missing');
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(cutOff);
      const lines = (rest + (done ? decoder.decode() : decoder.decode(value, { stream: true }))).split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      for (const line of lines) if (line !== '') yield line;
      if (done) return;
    }
  } finally {
    // Of no use once everything was read; otherwise it tells the service to stop.
    await reader.cancel().catch(() => {});
  }
}

function cutOff(cause: unknown): never {
  // Who leaves on purpose is told so by the reason that they gave.
  if (!(cause instanceof TypeError)) throw cause;
  throw new FaceIdError('UNREACHABLE', 'The archive was cut off: the connection was lost', { cause });
}

function parseLine(text: string): ArchiveLine {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FaceIdError('UNEXPECTED_REPLY', 'The archive was cut off: a line of it is not whole', { cause });
  }
}
