import type { TopLevelSpec } from 'vega-lite';
import { faultNames } from '../../../detector/degrade-photo.ts';
import type { OpenSetMeasurement, OperatingPoint } from '../open-set/measure-open-set.ts';
import { chartFrame, colours } from './chart-frame.ts';
import { logScale, lowestRate } from './log-scale.ts';
import { openSetSubject, rateName } from './open-set-rows.ts';
import { percent } from './percent.ts';

/** FPIR against FNIR, both logarithmic, with the measured thresholds and their 95 % bounds. */
export function openSetDetChart(measurement: OpenSetMeasurement, subject: string): TopLevelSpec {
  const { searches, curve, rates } = measurement;
  // One search is the least that can be shown; a little room below it.
  const [lowestFpir, lowestFnir] = [lowestRate(searches.nonMated), Math.min(0.1, 0.8 / searches.mated)];
  // A logarithmic axis has no zero.
  const shown = (fnir: number): number => Math.max(fnir, lowestFnir / 10);
  const points = rates.flatMap(({ fpir, supported, point }) => {
    if (point === null) return [];
    const [left, right] = point.fpir.bounds;
    const [low, high] = point.fnir.bounds.map(shown);
    const text = `${rateName(fpir, supported)}: FNIR ${percent(point.fnir.rate)}`;
    return [{ fpir: point.fpir.rate, fnir: shown(point.fnir.rate), left, right, low, high, text }];
  });
  const x = { field: 'fpir', type: 'quantitative' } as const;
  const y = { field: 'fnir', type: 'quantitative' } as const;
  const bar = { type: 'rule', color: colours.orange, strokeWidth: 1.5, clip: true } as const;
  return {
    ...chartFrame('Open set: misses against false alarms (DET)', subject, openSetSubject(measurement)),
    layer: [
      {
        data: { values: curve.map(({ fpir, fnir }) => ({ fpir: Math.max(fpir, lowestFpir / 10), fnir: shown(fnir) })) },
        mark: { type: 'line', interpolate: 'step-after', color: colours.blue, strokeWidth: 2, clip: true },
        encoding: {
          x: { ...x, title: 'Strangers taken for somebody (FPIR), log scale', ...logScale(lowestFpir) },
          y: { ...y, title: 'Enrolled people missed (FNIR), log scale', ...logScale(lowestFnir) },
        },
      },
      {
        data: { values: points },
        layer: [
          { mark: bar, encoding: { x, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } } },
          { mark: bar, encoding: { x: { field: 'left', type: 'quantitative' }, x2: { field: 'right' }, y } },
          { mark: { type: 'point', filled: true, size: 55, color: colours.orange, opacity: 1 }, encoding: { x, y } },
        ],
      },
      // One below the other: the points lie close together.
      ...points.map((point, index) => ({
        data: { values: [point] },
        mark: { type: 'text', align: 'left', dx: 12, dy: -14 - 18 * index, fontSize: 12, color: '#333333' } as const,
        encoding: { x, y, text: { field: 'text' } } as const,
      })),
    ],
  };
}

/** FNIR and FPIR with each fault, and without one, at the threshold of the first rate. */
export function faultChart(measurement: OpenSetMeasurement, subject: string): TopLevelSpec {
  const { faults, sample, rates } = measurement;
  const named = [
    { name: 'none', point: sample.points[0]! },
    ...faults.map(({ fault, point }) => ({ name: faultNames[fault], point })),
  ];
  const kinds = ['missed (FNIR)', 'strangers named (FPIR)'];
  const y = {
    field: 'fault',
    type: 'nominal',
    title: null,
    sort: named.map(({ name }) => name),
    // Without a canvas the width of text is only estimated, and too wide.
    axis: { labelLimit: 0, labelFontSize: 13 },
  } as const;
  const yOffset = { field: 'kind', type: 'nominal', sort: kinds } as const;
  const x = { field: 'rate', type: 'quantitative' } as const;
  return {
    ...chartFrame(
      'Open set: what a fault in the photo costs',
      `${subject}, at the threshold of FPIR ${percent(rates[0]!.fpir)} without a fault`,
    ),
    padding: { left: 230, top: 76, right: 32, bottom: 64 },
    data: { values: named.flatMap(({ name, point }) => bars(name, point, kinds)) },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.8 } },
        encoding: {
          y,
          yOffset,
          x: { ...x, title: 'Share of searches, with 95 % bounds', scale: { domain: [0, 1] }, axis: { format: '.0%' } },
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: kinds, range: [colours.blue, colours.orange] },
            legend: { title: null, orient: 'bottom-right', labelLimit: 0 },
          },
        },
      },
      {
        mark: { type: 'rule', color: colours.grey, strokeWidth: 1.5 },
        encoding: { y, yOffset, x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 8, fontSize: 12, color: '#333333' },
        encoding: { y, yOffset, x: { field: 'high', type: 'quantitative' }, text: { field: 'text' } },
      },
    ],
  };
}

function bars(fault: string, { fnir, fpir }: OperatingPoint, [missed, named]: readonly string[]) {
  return [
    { kind: missed, measured: fnir },
    { kind: named, measured: fpir },
  ].map(({ kind, measured: { rate, bounds } }) => ({
    fault,
    kind,
    rate,
    low: bounds[0],
    high: bounds[1],
    text: percent(rate),
  }));
}
