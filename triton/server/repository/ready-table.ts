/** One line of the table: a version, or a model without any. */
export type ModelStatus = { readonly name: string; readonly version: string; readonly status: string };

/** The table of models that Triton prints when it has started: model, version, READY or why not. Lines of a reason become rows. */
export function readyTable(models: readonly ModelStatus[]): string {
  const header = ['Model', 'Version', 'Status'] as const;
  const rows = models.flatMap(({ name, version, status }) =>
    status.split('\n').map((line, index) => (index === 0 ? [name, version, line] : ['', '', line])),
  );
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map(row => (row[column] ?? '').length)));
  const rule = `+${widths.map(width => '-'.repeat(width + 2)).join('+')}+`;
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [rule, line(header), rule, ...rows.map(line), rule].join('\n');
}
