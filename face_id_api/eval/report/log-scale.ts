/** Power of ten at which the axis of a rate begins: what fewer than ten of the `trials` decide lies left of it. */
export function lowestRate(trials: number): number {
  return Math.min(0.1, 10 ** Math.ceil(Math.log10(1 / trials)));
}

/** Scale and axis of a rate from `lowest` to 1, with the powers of ten. */
export function logScale(lowest: number) {
  const powers = Array.from({ length: Math.floor(-Math.log10(lowest)) + 1 }, (_, k) => 10 ** -k);
  const labelExpr = "datum.value >= 1 ? '1' : format(datum.value, '.0e')";
  return {
    scale: { type: 'log' as const, domain: [lowest, 1], nice: false },
    axis: { values: powers, labelExpr, labelOverlap: false },
  };
}
