import type { FaceQuality } from '../../core/measure-quality.ts';
import {
  type DiscardGain,
  type DiscardPoint,
  discardCurve,
  discardGain,
  type JudgedProbe,
} from '../core/discard-curve.ts';

/** A face that was searched for: its quality, and whether the right person was missed. */
export type QualityProbe = Omit<JudgedProbe, 'quality'> & { readonly quality: FaceQuality };

export type JudgedMeasure = {
  readonly name: string;
  readonly curve: readonly DiscardPoint[];
  readonly gain: DiscardGain;
  /** Whether the bounds of the gain lie above 0. */
  readonly helps: boolean;
};

export type JudgedMeasures = {
  readonly probes: number;
  readonly errors: number;
  /** The score of all measures first. */
  readonly measures: readonly JudgedMeasure[];
  /** The curve that knows every error beforehand. */
  readonly perfect: readonly DiscardPoint[];
};

/** What a gate would sort by: higher is better. */
const measures: Readonly<Record<string, (quality: FaceQuality) => number>> = {
  score: ({ score }) => score,
  sharpness: ({ sharpness }) => sharpness,
  brightness: ({ brightness }) => brightness,
  contrast: ({ contrast }) => contrast,
  noise: ({ noise }) => -noise,
  yaw: ({ yaw }) => -Math.abs(yaw),
  pitch: ({ pitch }) => -Math.abs(pitch),
  roll: ({ roll }) => -Math.abs(roll),
  'box side': ({ boxSide }) => boxSide,
  confidence: ({ confidence }) => confidence,
};

/** How well each measure of quality tells which photos recognition will fail on. */
export function judgeMeasures(probes: readonly QualityProbe[]): JudgedMeasures {
  return {
    probes: probes.length,
    errors: probes.filter(({ isError }) => isError).length,
    measures: Object.entries(measures).map(([name, of]) => {
      const judged = probes.map(probe => ({ ...probe, quality: orWorst(of(probe.quality)) }));
      const gain = discardGain(judged);
      return { name, curve: discardCurve(judged), gain, helps: gain.bounds[0] > 0 };
    }),
    perfect: discardCurve(probes.map(probe => ({ ...probe, quality: probe.isError ? 0 : 1 }))),
  };
}

/** What could not be measured goes first. */
function orWorst(value: number): number {
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
}
