import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { imageLimits } from '../../detector/core/image-limits.ts';
import type { Consent } from '../core/consent.ts';
import type { IdentityId } from '../core/identity-id.ts';
import { mapConcurrently } from '../core/map-concurrently.ts';
import type { EnrolClient, Photo } from './enrol-client.ts';

/** The photos of one person, as paths. */
export type PersonPhotos = {
  readonly id: IdentityId;
  readonly photos: readonly string[];
  readonly name?: string;
  readonly consent?: Consent;
};

/** A photo, and what is wrong with it. */
export type FaultyPhoto = { readonly path: string; readonly code: string; readonly reason: string };

export type BulkResult = {
  /** Photos that became templates. */
  readonly enrolled: number;
  /** Photos that were templates of their person already. */
  readonly skipped: number;
  readonly refused: readonly FaultyPhoto[];
  /** Photos that became templates although their faces fall short. */
  readonly warnings: readonly FaultyPhoto[];
};

export type BulkOptions = {
  readonly client: EnrolClient;
  /** People at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called for each photo that is done with. */
  readonly onPhoto?: () => void;
};

/** Photos of one request, and the bytes that they may have together: a third more in base64, and the API takes 64 MiB. */
const requestPhotos = 8;
const requestBytes = 24 * 1024 * 1024;

/**
 * Enrols people from files, adding to what they have. A photo that its person was enrolled from already is skipped, by its SHA-256, so
 * that the same again goes on where it was interrupted. Photos that cannot be used are left out and named.
 */
export async function enrolPeople(people: readonly PersonPhotos[], options: BulkOptions): Promise<BulkResult> {
  const { concurrency, signal } = options;
  const results = await mapConcurrently(people, { limit: concurrency, signal }, (person, _, signal) =>
    enrolPerson(person, { ...options, signal }),
  );
  return {
    enrolled: results.reduce((sum, { enrolled }) => sum + enrolled, 0),
    skipped: results.reduce((sum, { skipped }) => sum + skipped, 0),
    refused: results.flatMap(({ refused }) => refused),
    warnings: results.flatMap(({ warnings }) => warnings),
  };
}

async function enrolPerson(
  { id, photos, name, consent }: PersonPhotos,
  { client, signal, onPhoto = () => {} }: BulkOptions,
): Promise<BulkResult> {
  const known = await client.sourcesOf(id, signal);
  const refused: FaultyPhoto[] = [];
  const warnings: FaultyPhoto[] = [];
  let [enrolled, skipped, bytes] = [0, 0, 0];
  let waiting: Photo[] = [];

  async function send(): Promise<void> {
    if (waiting.length === 0) return;
    const answer = await client.enrol({ id, photos: waiting, name, consent }, signal);
    enrolled += answer.enrolled;
    for (const [faults, listed] of [
      [answer.refused, refused],
      [answer.warnings, warnings],
    ] as const) {
      for (const { index, code, reason } of faults) listed.push({ path: waiting[index]?.path ?? '', code, reason });
    }
    for (const _ of waiting) onPhoto();
    [waiting, bytes] = [[], 0];
  }

  for (const path of photos) {
    signal.throwIfAborted();
    const read = await readPhoto(path);
    if ('code' in read) {
      refused.push(read);
      onPhoto();
    } else if (known.has(read.sha256)) {
      skipped += 1;
      onPhoto();
    } else {
      if (waiting.length === requestPhotos || bytes + read.bytes.length > requestBytes) await send();
      known.add(read.sha256);
      waiting.push(read);
      bytes += read.bytes.length;
    }
  }
  await send();
  return { enrolled, skipped, refused, warnings };
}

async function readPhoto(path: string): Promise<(Photo & { readonly sha256: string }) | FaultyPhoto> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= imageLimits.maxBytes) {
      return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
    }
    const reason = `The image: expected at most ${imageLimits.maxBytes} bytes, got ${bytes.length}`;
    return { path, code: 'TOO_LARGE', reason };
  } catch (error) {
    return { path, code: 'NO_FILE', reason: error instanceof Error ? error.message : String(error) };
  }
}
