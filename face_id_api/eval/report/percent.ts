import type { Bounds } from '../core/clopper-pearson.ts';

/** 0.0118 → "1.18 %". */
export function percent(rate: number): string {
  return `${(100 * rate).toFixed(2)} %`;
}

/** "0.63 to 2.01 %". */
export function percentBounds([lower, upper]: Bounds): string {
  return `${(100 * lower).toFixed(2)} to ${(100 * upper).toFixed(2)} %`;
}
