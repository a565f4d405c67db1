import type { IndexEntry } from './version-table.ts';

/** One line of the table: a version, or a model without any. */
export type ModelStatus = { readonly name: string; readonly version: string; readonly status: string };

/** A model's lines. @param reason why it is none, where its folder could not be read */
export function toStatuses(name: string, index: readonly IndexEntry[], reason?: string): ModelStatus[] {
  if (index.length === 0) {
    return [{ name, version: '-', status: `Not loaded: ${reason ?? 'No model version was found'}` }];
  }
  return index.map(({ version, state, reason }) => ({
    name,
    version,
    status: state === 'UNAVAILABLE' ? `${state}: ${reason}` : state,
  }));
}

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
