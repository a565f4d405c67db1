import type { TopLevelSpec } from 'vega-lite';
import type { Measurement } from '../measure.ts';
import { chartFrame, colours, pairCounts, rateLabel } from './chart-frame.ts';
import { logScale, lowestRate } from './log-scale.ts';
import { percent } from './percent.ts';

/** Detection error trade-off: FMR against FNMR, both logarithmic, with the measured thresholds and their 95 % bounds. */
export function detChart(measurement: Measurement, subject: string): TopLevelSpec {
  // One missed pair is the least that can be shown; a little room below it.
  const lowest = Math.min(0.1, 0.8 / measurement.listed.same.length);
  return tradeOffChart(measurement, {
    title: chartFrame('Detection error trade-off (DET)', `${subject}, ${pairCounts(measurement)}`),
    // A logarithmic axis has no zero.
    toValue: fnmr => Math.max(fnmr, lowest / 10),
    label: fnmr => `FNMR ${percent(fnmr)}`,
    labelOffset: -14,
    axis: { title: 'False-non-match rate (FNMR), log scale', ...logScale(lowest) },
  });
}

/** Receiver operating characteristic: FMR, logarithmic, against the share of same-person pairs that match. */
export function rocChart(measurement: Measurement, subject: string): TopLevelSpec {
  return tradeOffChart(measurement, {
    title: chartFrame('Receiver operating characteristic (ROC)', `${subject}, ${pairCounts(measurement)}`),
    toValue: fnmr => 1 - fnmr,
    label: fnmr => `TMR ${percent(1 - fnmr)}`,
    labelOffset: 24,
    axis: { title: 'True-match rate (TMR = 1 − FNMR)', scale: { domain: [0, 1] }, axis: { format: '.0%' } },
  });
}

type Sides = {
  readonly title: ReturnType<typeof chartFrame>;
  /** What the vertical axis shows of an FNMR. */
  readonly toValue: (fnmr: number) => number;
  readonly label: (fnmr: number) => string;
  readonly labelOffset: number;
  readonly axis: { title: string } & (
    | ReturnType<typeof logScale>
    | { scale: { domain: number[] }; axis: { format: string } }
  );
};

function tradeOffChart(measurement: Measurement, { title, toValue, label, labelOffset, axis }: Sides): TopLevelSpec {
  const lowest = lowestRate(measurement.impostors.scores.length);
  const curve = measurement.roc.map(({ fmr, fnmr }) => ({ fmr: Math.max(fmr, lowest / 10), value: toValue(fnmr) }));
  const points = measurement.rates.flatMap(({ rate, threshold, measured, fnmr }) => {
    if (threshold === null || measured === null || fnmr === null) return [];
    const [left, right] = measured.bounds;
    const [low, high] = fnmr.bounds.map(toValue);
    const text = `FMR ${rateLabel(rate)}: ${label(fnmr.rate)}`;
    return [{ fmr: measured.fmr, value: toValue(fnmr.rate), left, right, low, high, text }];
  });
  const x = { field: 'fmr', type: 'quantitative' } as const;
  const y = { field: 'value', type: 'quantitative' } as const;
  const bar = { type: 'rule', color: colours.orange, strokeWidth: 1.5, clip: true } as const;
  return {
    ...title,
    layer: [
      {
        data: { values: curve },
        mark: { type: 'line', interpolate: 'step-after', color: colours.blue, strokeWidth: 2, clip: true },
        encoding: {
          x: { ...x, title: 'False-match rate (FMR), log scale', ...logScale(lowest) },
          y: { ...y, ...axis },
        },
      },
      {
        data: { values: points },
        layer: [
          { mark: bar, encoding: { x, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } } },
          { mark: bar, encoding: { x: { field: 'left', type: 'quantitative' }, x2: { field: 'right' }, y } },
          { mark: { type: 'point', filled: true, size: 55, color: colours.orange, opacity: 1 }, encoding: { x, y } },
          {
            mark: { type: 'text', align: 'left', dx: 12, dy: labelOffset, fontSize: 12, color: '#333333' },
            encoding: { x, y, text: { field: 'text' } },
          },
        ],
      },
    ],
  };
}
