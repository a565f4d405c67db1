import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { StatusError } from '../status-error.ts';

/** More than any list of classes holds. */
const maxLabelBytes = 8 * 1024 * 1024;

/**
 * The lines of an output's `label_filename`, which lies in the model's folder; none when the name is empty.
 * @throws StatusError, in Triton's words for a file that cannot be read; also for one that lies elsewhere
 */
export async function readLabels(modelFolder: string, fileName: string): Promise<string[]> {
  if (fileName === '') return [];
  const file = path.resolve(modelFolder, fileName);
  if (!file.startsWith(path.resolve(modelFolder) + path.sep)) {
    const text = `label_filename: expected a file in the model's folder, got '${fileName}'`;
    throw new StatusError('INVALID_ARGUMENT', text);
  }
  try {
    const { size } = await stat(file);
    if (size > maxLabelBytes) throw new Error(`expected at most ${maxLabelBytes} bytes, got ${size}`);
    return (await readFile(file, 'utf8')).split(/\r?\n/);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new StatusError('INTERNAL', `failed to open text file for read ${file}: ${reason}`, { cause });
  }
}
