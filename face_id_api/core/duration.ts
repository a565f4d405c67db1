const milliseconds = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `30m`, `1h` or `7d` in milliseconds; null for anything else, and for more than a hundred years. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return null;
  const ms = Number(count) * milliseconds[unit as keyof typeof milliseconds];
  return ms <= 36_525 * milliseconds.d ? ms : null;
}
