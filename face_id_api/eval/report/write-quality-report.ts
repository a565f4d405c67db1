import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JudgedMeasures } from '../quality/judge-measures.ts';
import type { EvalRun } from '../to-calibration.ts';
import { discardChart } from './discard-chart.ts';
import { markdownTable } from './markdown-table.ts';
import { measureHead, measureRows, type QualitySubject, qualitySubject } from './quality-rows.ts';
import { renderChart } from './render-chart.ts';

export type QualityReport = {
  readonly judged: JudgedMeasures;
  readonly subject: QualitySubject;
  readonly run: EvalRun;
};

/** Writes quality.md, its chart and the same figures as quality.json into `dir`. Nobody is named or shown. */
export async function writeQualityReport(dir: string, { judged, subject, run }: QualityReport): Promise<void> {
  await mkdir(dir, { recursive: true });
  const title = `${run.embedder} behind ${run.detector}`;
  const text = [
    `# ${title}: quality, ${run.date}`,
    `${qualitySubject(judged, subject)}.`,
    '![Errors against discarded photos](quality-discard.svg)',
    markdownTable(measureHead, measureRows(judged)),
    'Gain: the area between a curve and the error rate of all photos, as a share of what a perfect measure would have; people are the sample ' +
      'of its bounds. A measure helps where they lie above 0.',
    `\`${run.command}\``,
  ];
  const files: Record<string, string> = {
    'quality-discard.svg': await renderChart(discardChart(judged, title, qualitySubject(judged, subject))),
    'quality.md': `${text.join('\n\n')}\n`,
    'quality.json': `${JSON.stringify({ ...run, ...subject, ...judged }, null, 2)}\n`,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(dir, name), content);
}
