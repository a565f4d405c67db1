import Table from 'cli-table3';

/** Rows below a head, in columns. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** One thing a line, its name before it. */
export function textList(entries: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(entries).map(name => name.length));
  return Object.entries(entries)
    .map(([name, value]) => `${name.padEnd(width)}  ${value}`)
    .join('\n');
}
