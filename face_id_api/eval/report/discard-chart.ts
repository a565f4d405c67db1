import type { TopLevelSpec } from 'vega-lite';
import { type DiscardPoint, largestDiscard } from '../core/discard-curve.ts';
import type { JudgedMeasures } from '../quality/judge-measures.ts';
import { chartFrame, colours } from './chart-frame.ts';

/** Errors among the photos that are kept, as those of the lowest quality are discarded: one line for each measure. */
export function discardChart({ measures, perfect }: JudgedMeasures, ...subject: string[]): TopLevelSpec {
  const x = { field: 'discarded', type: 'quantitative' } as const;
  const y = { field: 'errorRate', type: 'quantitative' } as const;
  const names = measures.map(({ name }) => name);
  return {
    ...chartFrame('Errors against discarded photos', ...subject),
    padding: { left: 80, top: 76, right: 130, bottom: 64 },
    layer: [
      {
        data: { values: [...perfect] },
        mark: { type: 'line', color: colours.grey, strokeDash: [4, 3], strokeWidth: 1.5 },
        encoding: { x, y },
      },
      {
        data: { values: measures.flatMap(({ name, curve }) => lineOf(name, curve)) },
        mark: { type: 'line' },
        encoding: {
          x: {
            ...x,
            title: 'Photos of the lowest quality that are discarded (dashed: a perfect measure)',
            scale: { domain: [0, largestDiscard] },
            axis: { format: '.0%' },
          },
          y: { ...y, title: 'Enrolled people missed (FNIR)', axis: { format: '.0%' } },
          color: {
            field: 'measure',
            type: 'nominal',
            scale: { domain: names, scheme: 'tableau10' },
            legend: { title: null, orient: 'right' },
          },
          strokeWidth: { condition: { test: `datum.measure === '${names[0]}'`, value: 4 }, value: 1.5 },
        },
      },
    ],
  };
}

function lineOf(measure: string, curve: readonly DiscardPoint[]) {
  return curve.map(point => ({ measure, ...point }));
}
