import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ModelError } from './build/model-error.ts';

/**
 * A JSON file about models, checked. Null when there is no such file. Throws INVALID_FILE with the file's path when it is
 * not JSON or not `what` (a noun with its article, for the message).
 */
export async function readJsonFile<Schema extends z.ZodType>(
  file: string,
  what: string,
  schema: Schema,
): Promise<z.infer<Schema> | null> {
  const text = await readText(file);
  if (text === null) return null;
  const parsed = schema.safeParse(parse(file, what, text));
  if (!parsed.success)
    throw new ModelError('INVALID_FILE', `${file}: expected ${what}, got: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function parse(file: string, what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ModelError('INVALID_FILE', `${file}: expected ${what}, got no JSON`, { cause: error });
  }
}
