import { writeFile } from 'node:fs/promises';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
/** `--quick`: a look that is not written down. */
export const quick = process.argv.includes('--quick');

/** Prints a report of today, and writes it down unless it was only a quick look. */
export async function publish(file: string, write: (date: string) => string): Promise<void> {
  const report = write(new Date().toISOString().slice(0, 10));
  process.stdout.write(`\n${report}`);
  if (!quick) await writeFile(path.join(root, file), report);
}
