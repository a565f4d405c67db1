import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

/** The browser's command, or why there is none. */
export type Chromium = { readonly command: string } | { readonly missing: string };

/** Debian's chromium and the fonts that screenshots are made with; installed where they are missing and this is root. */
export async function ensureChromium(): Promise<Chromium> {
  try {
    await promisify(execFile)('bash', [path.join(import.meta.dirname, 'install.sh')], { timeout: 600_000 });
    return { command: '/usr/bin/chromium' };
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    return { missing: `chromium is not here and cannot be installed: ${stderr.split('\n').at(-1) || error}` };
  }
}
