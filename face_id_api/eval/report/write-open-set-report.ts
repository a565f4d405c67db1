import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { faultNames, type PhotoFault } from '../../../detector/degrade-photo.ts';
import type { HardestSearches, HardSearch } from '../open-set/hardest-searches.ts';
import type { OpenSetMeasurement } from '../open-set/measure-open-set.ts';
import { toOpenSet } from '../open-set/to-open-set.ts';
import type { EvalRun } from '../to-calibration.ts';
import { markdownTable } from './markdown-table.ts';
import { faultChart, openSetDetChart } from './open-set-charts.ts';
import { faultHead, faultRows, openSetRows, openSetSubject, pointHead, pointRows } from './open-set-rows.ts';
import { failureText, type PictureOf, picturesFrom } from './photo-pictures.ts';
import { renderChart } from './render-chart.ts';

export type OpenSetReport = {
  readonly measurement: OpenSetMeasurement;
  readonly run: EvalRun;
  readonly hardest: HardestSearches;
  /** Photos without a usable face, without a fault. */
  readonly failed: readonly string[];
  /** Folder that the photos' paths start at. */
  readonly root: string;
  /** A photo that each fault is shown on. */
  readonly example: string;
  readonly degrade: (image: Uint8Array, fault: PhotoFault) => Promise<Uint8Array>;
};

/** Writes open-set.md, its charts and pictures, and the same figures as open-set.json into `dir`. */
export async function writeOpenSetReport(dir: string, report: OpenSetReport): Promise<void> {
  const { measurement, run, root, example, degrade } = report;
  const subject = `${run.embedder} behind ${run.detector}`;
  await mkdir(path.join(dir, 'faults'), { recursive: true });
  const files: Record<string, string> = {
    'open-set-det.svg': await renderChart(openSetDetChart(measurement, subject)),
    'open-set.md': reportText(report, path.relative(dir, root).replaceAll(path.sep, '/')),
    // Figures only: no photo and nobody's name.
    'open-set.json': `${JSON.stringify({ ...toOpenSet(measurement, run), curve: measurement.curve }, null, 2)}\n`,
  };
  if (measurement.faults.length > 0) {
    files['open-set-faults.svg'] = await renderChart(faultChart(measurement, subject));
  }
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, name), text);
  const photo = await readFile(path.join(root, example));
  for (const { fault } of measurement.faults) {
    await writeFile(path.join(dir, 'faults', `${fault}${extensionOf(fault)}`), await degrade(photo, fault));
  }
}

function reportText({ measurement, run, hardest, failed }: OpenSetReport, imagesFrom: string): string {
  const picture = picturesFrom(imagesFrom);
  const { faults } = measurement;
  return [
    `# ${run.embedder} behind ${run.detector}: open set, ${run.date}`,
    `${openSetSubject(measurement)}.`,
    '![Misses against false alarms](open-set-det.svg)',
    markdownTable(pointHead, pointRows(measurement)),
    markdownTable(['measured', 'value'], openSetRows(measurement)),
    ...(faults.length === 0 ? [] : faultText(measurement)),
    '## The hardest searches',
    'Look before you trust a figure: a wrong label or the wrong face of a photo shows here.',
    'Strangers, and whom they were taken for:',
    searchTable(hardest.strangers, picture),
    'The enrolled, and a photo that they were enrolled with:',
    searchTable(hardest.mated, picture),
    ...(failed.length === 0 ? [] : ['## Failures to acquire', failureText(failed, picture)]),
    '## How it was measured',
    `\`${run.command}\``,
    `${toOpenSet(measurement, run).method}.`,
  ]
    .join('\n\n')
    .concat('\n');
}

function faultText(measurement: OpenSetMeasurement): string[] {
  const { faults } = measurement;
  const pictures = faults.map(({ fault }) => `![${faultNames[fault]}](faults/${fault}${extensionOf(fault)})`);
  return [
    '## With a fault in every photo that is searched for',
    '![What a fault costs](open-set-faults.svg)',
    markdownTable(faultHead, faultRows(measurement)),
    markdownTable(
      faults.map(({ fault }) => faultNames[fault]),
      [pictures],
    ),
  ];
}

function searchTable(searches: readonly HardSearch[], picture: PictureOf): string {
  return markdownTable(
    ['score', 'searched for', 'enrolled'],
    searches.map(({ score, probe, enrolled }) => [score.toFixed(4), picture(probe), picture(enrolled)]),
  );
}

function extensionOf(fault: PhotoFault): string {
  return fault === 'jpeg' ? '.jpg' : '.png';
}
