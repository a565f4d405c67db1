import { GalleryError } from './gallery-error.ts';

/**
 * The rows of comma-separated values (RFC 4180): a field in quotes may hold commas, line ends and quotes that are doubled. Empty rows
 * are left out, and so is a byte order mark.
 * @throws GalleryError for a quote that is not closed, or stands inside an unquoted field
 */
export function parseCsv(text: string, file: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  field.lastIndex = text.startsWith('\ufeff') ? 1 : 0;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (match === null) {
      const line = text.slice(0, at).split('\n').length;
      throw new GalleryError(`${file}, line ${line}: expected quotes around a whole field, and doubled inside it`);
    }
    const [, quoted, plain = '', end] = match;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',' && field.lastIndex < text.length) continue;
    if (end === ',') row.push('');
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}

/** One row, with quotes where they are needed. */
export function toCsvRow(fields: readonly string[]): string {
  return `${fields.map(field => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\n`;
}
