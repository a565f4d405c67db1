import { leastErrors } from '../../core/calibrate.ts';
import type { HardestPairs, ScoredPair } from '../hardest-pairs.ts';
import type { Measurement } from '../measure.ts';
import type { EvalRun } from '../to-calibration.ts';
import { markdownTable } from './markdown-table.ts';
import { failureText, type PictureOf, picturesFrom } from './photo-pictures.ts';
import { summaryRows, thresholdHead, thresholdRows } from './summary-rows.ts';

export type ReportParts = {
  readonly measurement: Measurement;
  readonly run: EvalRun;
  readonly hardest: HardestPairs;
  /** Photos without a usable face. */
  readonly failed: readonly string[];
  /** From the report's folder to the folder that the photos' paths start at. */
  readonly imagesFrom: string;
};

/** The report as Markdown: charts first, then figures, the pairs worth looking at, and how it was measured. */
export function reportText({ measurement, run, hardest, failed, imagesFrom }: ReportParts): string {
  const picture = picturesFrom(imagesFrom);
  const { list, test } = measurement;
  return [
    `# ${run.embedder} behind ${run.detector}, ${run.date}`,
    '![Scores of pairs of one person and of two](scores.svg)',
    '![Detection error trade-off](det.svg)',
    '![Receiver operating characteristic](roc.svg)',
    '## Figures',
    markdownTable(thresholdHead, thresholdRows(measurement)),
    markdownTable(['measured', 'value'], summaryRows(measurement)),
    '## The hardest pairs',
    'Look before you trust a figure: a wrong label or the wrong face of a photo shows here.',
    'Two people, highest scores:',
    pairTable(hardest.different, picture),
    'One person, lowest scores:',
    pairTable(hardest.same, picture),
    ...(failed.length === 0 ? [] : [`## Failures to acquire`, failureText(failed, picture)]),
    '## How it was measured',
    `\`${run.command}\``,
    [
      `- FMR and thresholds: every two photos of two people in ${list}. The bounds take people, not pairs, as the sample.`,
      `- A rate has no threshold where its false matches carry less information than ${leastErrors} independent ones.`,
      `- FNMR: the pairs of one person in ${list}; Clopper-Pearson bounds.`,
      '- Folds: the threshold that is best on the others; mean and standard error.',
      test === null
        ? '- No second list: the accuracy of a threshold on other people was not tested.'
        : `- ${test.list}: the threshold that is best on ${list}. Checked: nobody is in both lists.`,
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function pairTable(pairs: readonly ScoredPair[], picture: PictureOf): string {
  return markdownTable(
    ['score', 'first', 'second'],
    pairs.map(({ first, second, score }) => [score.toFixed(4), picture(first), picture(second)]),
  );
}
