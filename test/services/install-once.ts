import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export type Installation = {
  /** Folder that it goes into. */
  readonly target: string;
  /** Files that say how; when one changes, it is installed anew. */
  readonly recipe: readonly string[];
  /** Scripts to run, in this order. */
  readonly scripts: readonly { readonly file: string; readonly args: readonly string[] }[];
};

/** Installs a server or tool of others, once. Null, or why it could not be. */
export async function installOnce({ target, recipe, scripts }: Installation): Promise<string | null> {
  const marker = path.join(target, 'installed');
  const texts = await Promise.all(recipe.map(file => readFile(file, 'utf8')));
  const sum = createHash('sha256').update(texts.join('\0')).digest('hex');
  if ((await readFile(marker, 'utf8').catch(() => '')) === sum) return null;
  try {
    await mkdir(target, { recursive: true });
    for (const { file, args } of scripts) await promisify(execFile)(file, args, { timeout: 600_000 });
    await writeFile(marker, sum);
    return null;
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    return stderr.split('\n').at(-1) || (error instanceof Error ? error.message : String(error));
  }
}
