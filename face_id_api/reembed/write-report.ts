import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { renderChart } from '../eval/report/render-chart.ts';
import type { Quality } from './core/compare-models.ts';
import { qualityChart } from './quality-chart.ts';
import { describeReport, inWords, type ReembedReport } from './reembed-report.ts';

/** The report as JSON, as Markdown, and its chart. */
export function reportFiles(file: string): readonly [json: string, markdown: string, chart: string] {
  const stem = path.join(path.dirname(file), path.basename(file, path.extname(file)));
  return [file, `${stem}.md`, `${stem}.svg`];
}

/**
 * Writes the report as JSON into `file`, and beside it, by the same name, for people as Markdown with a chart. The JSON names who was
 * lost: all three are their owner's alone.
 */
export async function writeReembedReport(file: string, report: ReembedReport): Promise<void> {
  const [, text, chart] = reportFiles(file);
  const files: Readonly<Record<string, string>> = {
    [file]: `${JSON.stringify(report, null, 2)}\n`,
    [chart]: await renderChart(qualityChart(report)),
    [text]: markdown(report, path.basename(chart)),
  };
  for (const [name, content] of Object.entries(files)) {
    // A file that is there would keep its mode.
    await rm(name, { force: true });
    await writeFile(name, content, { mode: 0o600 });
  }
}

function markdown(report: ReembedReport, chart: string): string {
  const { models, comparison } = report;
  const row = (what: string, of: (quality: Quality) => string): string =>
    `| ${what} | ${of(comparison.before)} | ${of(comparison.after)} |`;
  return [
    `# ${models.before.name} to ${models.after.name}`,
    '',
    ...describeReport(report).flatMap(line => [line.trim(), '']),
    `| gallery '${report.gallery}', ${report.made.slice(0, 10)} | ${models.before.name} | ${models.after.name} |`,
    '|---|---|---|',
    row('rank 1', ({ rank1 }) => inWords(rank1)),
    row('FNIR', ({ fnir }) => inWords(fnir)),
    row('FPIR', ({ fpir }) => inWords(fpir)),
    row('cosine of that FPIR', ({ cut }) => cut?.toFixed(3) ?? '–'),
    row('searches: photos of people with several, strangers', ({ rank1, fpir }) => `${rank1.trials}, ${fpir.trials}`),
    '',
    `![Rank 1 and FNIR with their 95 % bounds](${chart})`,
    '',
  ].join('\n');
}
