import { writeFile } from 'node:fs/promises';
import type { Consent } from '../core/consent.ts';
import type { CountProgress } from '../count-progress.ts';
import { type BulkOptions, type BulkResult, enrolPeople, type FaultyPhoto, type PersonPhotos } from './bulk-enrol.ts';
import { expectWritable } from './expect-writable.ts';
import { toCsvRow } from './parse-csv.ts';

/** Files for photos that are to be looked at, written where there are some. */
export type BulkReports = {
  /** For those that were refused. */
  readonly report: string;
  /** For those that were enrolled although their faces fall short. */
  readonly warnings: string;
};

export type EnrolAllOptions = Omit<BulkOptions, 'onPhoto'> &
  BulkReports & { readonly progress: (what: string) => CountProgress };

/**
 * Bulk enrolment as people see it: a bar, and lists of what was refused or warned of, and why.
 * @throws GalleryError before anybody is enrolled where the lists could not be written
 */
export async function enrolAll(people: readonly PersonPhotos[], options: EnrolAllOptions): Promise<BulkResult> {
  const { client, concurrency, signal, progress, report, warnings } = options;
  await expectWritable('--report', report);
  await expectWritable('--warnings', warnings);
  const bar = progress('photos');
  bar.start(people.reduce((sum, { photos }) => sum + photos.length, 0));
  const bulk = { client, concurrency, signal, onPhoto: () => bar.step() };
  const result = await enrolPeople(people, bulk).finally(() => bar.done());
  await writeList(report, result.refused);
  await writeList(warnings, result.warnings);
  return result;
}

/** The same people, with this consent where they bring none of their own. */
export function givenConsent(people: readonly PersonPhotos[], consent: Consent | undefined): readonly PersonPhotos[] {
  return consent === undefined ? people : people.map(person => ({ consent, ...person }));
}

async function writeList(file: string, photos: readonly FaultyPhoto[]): Promise<void> {
  if (photos.length === 0) return;
  const rows = photos.map(({ path, code, reason }) => toCsvRow([path, code, reason]));
  await writeFile(file, [toCsvRow(['path', 'code', 'reason']), ...rows].join(''));
}

/** What came of it, in a sentence or two. */
export function describeBulk(result: BulkResult, people: number, files: BulkReports): string[] {
  const { enrolled, skipped, refused, warnings } = result;
  return [
    `Enrolled ${enrolled} photos of ${people} people; ${skipped} were enrolled already.`,
    refused.length > 0 && `${refused.length} photos were refused: ${files.report} says why.`,
    warnings.length > 0 && `${warnings.length} photos were enrolled with a warning: ${files.warnings} says why.`,
  ].filter(line => line !== false);
}
