import type { ScoreSets } from '../../core/calibrate.ts';

/** What a threshold costs: score ≥ threshold matches. */
export type OperatingPoint = {
  readonly threshold: number;
  /** False-match rate: share of the different-person scores that match. */
  readonly fmr: number;
  /** False-non-match rate: share of the same-person scores that do not. */
  readonly fnmr: number;
};

/**
 * Every corner of the curve, from the strictest threshold (nothing matches, +Infinity) to the loosest (everything does,
 * −Infinity): FMR never falls and FNMR never rises along it. One point per distinct same-person score: between two of them only
 * FMR changes, so the point on such a score is the curve's best there.
 */
export function rocCurve({ same, different }: ScoreSets): OperatingPoint[] {
  const [genuine, impostor] = [same.toSorted(), different.toSorted()];
  const points: OperatingPoint[] = [{ threshold: Infinity, fmr: 0, fnmr: 1 }];
  for (let index = genuine.length - 1; index >= 0; index--) {
    const threshold = genuine[index]!;
    if (genuine[index - 1] === threshold) continue;
    points.push({ threshold, fmr: shareFrom(impostor, threshold), fnmr: index / genuine.length });
  }
  points.push({ threshold: -Infinity, fmr: 1, fnmr: 0 });
  return points;
}

/** The rate at which false matches and false non-matches are equally frequent, between the curve's two nearest points. */
export function equalErrorRate(curve: readonly OperatingPoint[]): number {
  const crossed = curve.findIndex(({ fmr, fnmr }) => fmr >= fnmr);
  const [before, after] = [curve[crossed - 1], curve[crossed]];
  if (before === undefined || after === undefined) throw new RangeError('expected a curve from rocCurve, got another');
  const gapBefore = before.fnmr - before.fmr;
  const gapAfter = after.fmr - after.fnmr;
  const share = gapBefore / (gapBefore + gapAfter);
  return before.fmr + share * (after.fmr - before.fmr);
}

/** Share of the sorted scores that are ≥ threshold. */
function shareFrom(sorted: Float32Array, threshold: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < threshold) low = middle + 1;
    else high = middle;
  }
  return sorted.length === 0 ? 0 : (sorted.length - low) / sorted.length;
}
