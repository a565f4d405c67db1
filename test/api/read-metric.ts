/** The value of one line of Prometheus' text format, `name{labels}` as it stands there; NaN where there is none. */
export function readMetric(text: string, line: string): number {
  const found = text.split('\n').find(candidate => candidate.startsWith(`${line} `));
  return found === undefined ? Number.NaN : Number(found.slice(line.length));
}
