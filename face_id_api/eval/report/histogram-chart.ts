import type { TopLevelSpec } from 'vega-lite';
import { type Histogram, histogram } from '../core/histogram.ts';
import type { Measurement } from '../measure.ts';
import { chartFrame, colours, pairCounts, rateLabel } from './chart-frame.ts';

/** Scores of pairs of one person and of two, each as shares of its kind, with the measured thresholds. */
export function histogramChart(measurement: Measurement, subject: string): TopLevelSpec {
  const { same, different } = scoreHistograms(measurement);
  const thresholds = measurement.rates.flatMap(({ rate, threshold }) =>
    threshold === null ? [] : [{ threshold, label: `FMR ${rateLabel(rate)}` }],
  );
  return {
    ...chartFrame('Scores', `${subject}, ${pairCounts(measurement)}`),
    layer: [
      {
        data: { values: [...barsOf('two people', different), ...barsOf('one person', same)] },
        mark: { type: 'bar', opacity: 0.65, binSpacing: 0 },
        encoding: {
          x: {
            field: 'from',
            type: 'quantitative',
            title: 'Score (cosine)',
            scale: { zero: false, nice: false, domain: [same.from, same.from + same.binWidth * same.counts.length] },
            axis: { grid: false, format: '.2~f', tickCount: 10 },
          },
          x2: { field: 'to' },
          y: {
            field: 'share',
            type: 'quantitative',
            stack: null,
            title: 'Share of the pairs of each kind',
            axis: { format: '.0%', tickCount: 8 },
          },
          y2: { datum: 0 },
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: ['two people', 'one person'], range: [colours.orange, colours.blue] },
            legend: { title: null, orient: 'top-left' },
          },
        },
      },
      {
        data: { values: thresholds },
        mark: { type: 'rule', color: colours.grey, strokeDash: [4, 3] },
        encoding: { x: { field: 'threshold', type: 'quantitative' } },
      },
      {
        data: { values: thresholds },
        mark: { type: 'text', color: colours.grey, angle: 270, align: 'right', baseline: 'bottom', dx: -4, dy: -3 },
        encoding: {
          x: { field: 'threshold', type: 'quantitative' },
          y: { value: 0 },
          text: { field: 'label' },
        },
      },
    ],
  };
}

/** Both kinds of scores in the same bins of 0.01, from the lowest score to 1. */
export function scoreHistograms({ listed, impostors }: Measurement): { same: Histogram; different: Histogram } {
  const lowest = [listed.same, impostors.scores].flatMap(scores => [
    scores.reduce((low, one) => Math.min(low, one), 1),
  ]);
  const from = Math.max(-1, Math.floor(Math.min(...lowest) * 10) / 10);
  const bins = { from, to: 1, bins: Math.max(1, Math.round((1 - from) / 0.01)) };
  return { same: histogram(listed.same, bins), different: histogram(impostors.scores, bins) };
}

function barsOf(kind: string, { from, binWidth, counts }: Histogram) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count, bin) => ({
    kind,
    from: from + bin * binWidth,
    to: from + (bin + 1) * binWidth,
    share: count / total,
  }));
}
