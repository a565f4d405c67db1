import type { TopLevelSpec } from 'vega-lite';
import { colours } from '../eval/report/chart-frame.ts';
import type { ReembedReport } from './reembed-report.ts';

/** Rank 1 and FNIR of both models with their 95 % bounds. */
export function qualityChart({ models, comparison, gallery }: ReembedReport): TopLevelSpec {
  const values = (['before', 'after'] as const).flatMap(when =>
    (['rank1', 'fnir'] as const).map(figure => {
      const { rate, bounds } = comparison[when][figure];
      const name = figure === 'rank1' ? 'rank 1' : `FNIR at FPIR ${100 * comparison.fpir} %`;
      return { name, model: models[when].name, rate, lower: bounds[0], upper: bounds[1] };
    }),
  );
  const y = { field: 'model', type: 'nominal', sort: null, title: null } as const;
  const color = {
    field: 'model',
    type: 'nominal',
    legend: null,
    scale: { domain: [models.before.name, models.after.name], range: [colours.blue, colours.orange] },
  } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    title: { text: `Gallery '${gallery}' by both models`, anchor: 'start' },
    data: { values },
    facet: { row: { field: 'name', type: 'nominal', title: null, sort: null } },
    spec: {
      width: 480,
      height: 70,
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: { x: { field: 'lower', type: 'quantitative' }, x2: { field: 'upper' }, y, color },
        },
        {
          mark: { type: 'point', filled: true, size: 70, opacity: 1 },
          encoding: {
            x: { field: 'rate', type: 'quantitative', title: null, scale: { domain: [0, 1] }, axis: { format: '.0%' } },
            y,
            color,
          },
        },
      ],
    },
  };
}
