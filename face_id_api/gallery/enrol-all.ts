import { writeFile } from 'node:fs/promises';
import type { Consent } from '../core/consent.ts';
import type { CountProgress } from '../count-progress.ts';
import { type BulkOptions, type BulkResult, enrolPeople, type PersonPhotos } from './bulk-enrol.ts';
import { toCsvRow } from './parse-csv.ts';

export type EnrolAllOptions = Omit<BulkOptions, 'onPhoto'> & {
  readonly progress: (what: string) => CountProgress;
  /** File for the refused photos, written where there are some. */
  readonly report: string;
};

/** Bulk enrolment as people see it: a bar, and a list of what was refused and why. */
export async function enrolAll(people: readonly PersonPhotos[], options: EnrolAllOptions): Promise<BulkResult> {
  const { client, concurrency, signal, progress, report } = options;
  const bar = progress('photos');
  bar.start(people.reduce((sum, { photos }) => sum + photos.length, 0));
  const bulk = { client, concurrency, signal, onPhoto: () => bar.step() };
  const result = await enrolPeople(people, bulk).finally(() => bar.done());
  if (result.refused.length > 0) {
    const rows = result.refused.map(({ path, code, reason }) => toCsvRow([path, code, reason]));
    await writeFile(report, [toCsvRow(['path', 'code', 'reason']), ...rows].join(''));
  }
  return result;
}

/** The same people, with this consent where they bring none of their own. */
export function givenConsent(people: readonly PersonPhotos[], consent: Consent | undefined): readonly PersonPhotos[] {
  return consent === undefined ? people : people.map(person => ({ consent, ...person }));
}

/** What came of it, in a sentence or two. */
export function describeBulk({ enrolled, skipped, refused }: BulkResult, people: number, report: string): string[] {
  const sum = `Enrolled ${enrolled} photos of ${people} people; ${skipped} were enrolled already.`;
  return refused.length === 0 ? [sum] : [sum, `${refused.length} photos were refused: ${report} says why.`];
}
