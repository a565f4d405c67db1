import { ServiceError } from '../../detector/errors.ts';
import type { Gallery, GallerySummary } from '../store/store.ts';
import { toHeader, toIdentityLine } from './archive-lines.ts';

/**
 * A gallery's archive, a line of JSON (with its end) at a time. `summary` is its description. Rejects as `Gallery.export`, and with
 * MODEL_MISMATCH where the gallery was emptied and took another model meanwhile: what was read so far is no archive then.
 */
export async function* exportGallery(
  gallery: Pick<Gallery, 'export'>,
  summary: GallerySummary,
  now: Date,
): AsyncGenerator<string> {
  let identities = 0;
  let templates = 0;
  yield toLine(toHeader(summary, now));
  for await (const record of gallery.export()) {
    if (
      [...record.templates, ...(record.rejections ?? [])].some(
        ({ fingerprint }) => fingerprint !== summary.model.fingerprint,
      )
    ) {
      throw new ServiceError('MODEL_MISMATCH', 'The gallery took another model while it was exported: export it again');
    }
    identities += 1;
    templates += record.templates.length;
    yield toLine(toIdentityLine(record));
  }
  yield toLine({ end: { identities, templates } });
}

function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
