import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toCalibration } from '../to-calibration.ts';
import { histogramChart, scoreHistograms } from './histogram-chart.ts';
import { renderChart } from './render-chart.ts';
import { type ReportParts, reportText } from './report-text.ts';
import { detChart, rocChart } from './trade-off-charts.ts';

/** Writes report.md, its charts as SVG and the same figures as report.json into `dir`. */
export async function writeReport(dir: string, parts: ReportParts): Promise<void> {
  const { measurement, run } = parts;
  const subject = `${run.embedder} behind ${run.detector}`;
  await mkdir(dir, { recursive: true });
  const files: Record<string, string> = {
    'scores.svg': await renderChart(histogramChart(measurement, subject)),
    'det.svg': await renderChart(detChart(measurement, subject)),
    'roc.svg': await renderChart(rocChart(measurement, subject)),
    'report.md': reportText(parts),
    'report.json': `${JSON.stringify(reportData(parts), null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, name), text);
}

/** Figures only: no photo and nobody's name. */
function reportData({ measurement, run }: ReportParts) {
  const { rates, roc, equalErrorRate, failedPairs, test } = measurement;
  const { same, different } = scoreHistograms(measurement);
  return {
    embedder: run.embedder,
    calibration: toCalibration(measurement, run),
    // Rates without a threshold too: how far the data are from supporting them.
    rates: rates.map(({ rate, threshold, measured }) => ({
      fmr: rate,
      supported: threshold !== null,
      false_matches: measured?.falseMatches ?? null,
      effective_errors: measured?.effectiveErrors ?? null,
      fmr_bounds: measured?.bounds ?? null,
    })),
    equal_error_rate: equalErrorRate,
    failed_pairs: failedPairs,
    test_accuracy_with_failures: test?.accuracyWithFailures ?? null,
    histograms: { from: same.from, bin_width: same.binWidth, same: same.counts, different: different.counts },
    // The outermost thresholds are infinite, which JSON cannot say.
    roc: roc.filter(({ threshold }) => Number.isFinite(threshold)),
  };
}
