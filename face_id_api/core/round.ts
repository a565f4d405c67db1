/** `value` to `digits` decimals, ties away from zero as far as binary fractions allow; never −0, which JSON would lose. */
export function roundTo(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale + 0;
}
