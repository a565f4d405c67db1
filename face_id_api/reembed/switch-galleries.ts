import { GalleryError } from '../gallery/gallery-error.ts';
import { besideOf } from '../store/beside-name.ts';
import { compareRecords } from './compare-records.ts';
import { type GalleryPair, hasServed } from './gallery-pair.ts';
import { describeComparison, verdictSentence } from './reembed-report.ts';

export type SwitchOptions = {
  /** Also where the other model is worse, or lacks somebody. */
  readonly force: boolean;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
};

/**
 * Exchanges a gallery and the one beside it, once both models have been compared on the people that both hold.
 * @throws GalleryError where there is none, or it is worse, has not served before and nothing forces it; rejects as the pair's `switch`
 */
export async function switchGalleries(pair: GalleryPair, { force, print, signal }: SwitchOptions): Promise<void> {
  const [gallery, beside] = [await pair.describe(), await pair.describeBeside()];
  if (beside === null) {
    throw new GalleryError(`There is no gallery '${besideOf(pair.name)}': make it by gallery reembed`);
  }
  const comparison = await compareRecords(
    await Array.fromAsync(pair.records()),
    await Array.fromAsync(pair.besideRecords()),
    signal,
  );
  for (const line of describeComparison(comparison)) print(line);
  if (comparison.verdict === 'worse' && !force && !hasServed(beside, gallery)) {
    throw new GalleryError(`${verdictSentence(comparison)} Nothing is switched; --force would do it`);
  }
  await pair.switch(beside.model.fingerprint, force);
  print(
    `Gallery '${pair.name}' holds vectors of ${beside.model.name} now, and '${besideOf(pair.name)}' those of ${gallery.model.name}. ` +
      `Set models.embedder: ${beside.model.name} and start the service again; the same command switches back.`,
  );
}
