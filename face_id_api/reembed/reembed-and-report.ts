import { GalleryError } from '../gallery/gallery-error.ts';
import { toBesideRecord } from './carry-over.ts';
import { compareRecords } from './compare-records.ts';
import { type GalleryPair, hasServed } from './gallery-pair.ts';
import { type ReembedOptions, reembedGallery } from './reembed-gallery.ts';
import { describeReport, toReport, verdictSentence } from './reembed-report.ts';
import { writeReembedReport } from './write-report.ts';

/**
 * Re-embeds a gallery, compares both models on what was carried over, and writes all of it down.
 * @throws GalleryError after that, where a switch would want to be forced: the new model is worse, or somebody has no template by it
 */
export async function reembedAndReport(
  pair: GalleryPair,
  options: ReembedOptions,
  { file, print }: { readonly file: string; readonly print: (line: string) => void },
): Promise<void> {
  const { engine, signal } = options;
  const gallery = await pair.describe();
  const made = await reembedGallery(pair, options);
  const after = made.identities.map(toBesideRecord);
  const comparison = await compareRecords(
    made.identities.map(({ record }) => record),
    after,
    signal,
  );
  const { model } = engine.embedder;
  const isOldAtHand = engine.old !== null;
  const report = toReport(made, { gallery, after: model, isOldAtHand, comparison, made: new Date() });
  for (const line of describeReport(report)) print(line);
  await writeReembedReport(file, report);
  if (!isOldAtHand) print(`${gallery.model.name} is not at hand: of several faces in a photo the largest was taken.`);
  print(`${file} has all of it.`);
  if (comparison.verdict === 'worse' && !hasServed(await pair.describeBeside(), gallery))
    throw new GalleryError(`${verdictSentence(comparison)} Only switch --force would take it.`);
  const { length: lost } = report.lost_identities;
  if (lost > 0) {
    throw new GalleryError(
      `${lost} identities would not be recognised any more: only switch --force would leave them behind`,
    );
  }
  print(`Next: npm run gallery -- switch, then models.embedder: ${model.name} in config.yaml and a restart.`);
}
