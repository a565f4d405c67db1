import type { Config, TopLevelSpec } from 'vega-lite';
import type { Measurement } from '../measure.ts';

/** Colours that the colour-blind can tell apart (Okabe and Ito 2008). */
export const colours = { blue: '#0072b2', orange: '#d55e00', grey: '#555555' } as const;

const config: Config = {
  font: 'DejaVu Sans, Helvetica, Arial, sans-serif',
  title: {
    anchor: 'start',
    frame: 'group',
    fontSize: 18,
    subtitleFontSize: 12,
    subtitleColor: colours.grey,
    offset: 14,
  },
  axis: {
    labelFontSize: 12,
    labelFlush: false,
    titleFontSize: 14,
    titlePadding: 10,
    titleFontWeight: 'normal',
    gridColor: '#e4e4e4',
  },
  legend: { labelFontSize: 13 },
  view: { stroke: null },
};

/** What every chart has: its size, its look, a title and below it, in a line or two, whose figures these are. */
export function chartFrame(name: string, ...subtitle: string[]) {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    // Fixed margins: without a browser the width of text is only estimated.
    autosize: { type: 'none' },
    padding: { left: 80, top: 76, right: 32, bottom: 64 },
    width: 640,
    height: 420,
    config,
    title: { text: name, subtitle },
  } satisfies Partial<TopLevelSpec>;
}

/** The list and its pairs, as the subtitle of a chart has them. */
export function pairCounts({ list, listed, impostors }: Measurement): string {
  return `${list}: ${count(listed.same.length)} pairs of one person, ${count(impostors.scores.length)} of two people`;
}

/** 5919753 → "5,919,753". */
export function count(things: number): string {
  return things.toLocaleString('en');
}

/** 0.001 → 1e-3. */
export function rateLabel(rate: number): string {
  return rate.toExponential().replace('e+0', '');
}
