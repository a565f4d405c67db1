import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

/** A folder with `base.tar`, on a machine that has Docker and Compose; or why it has not. */
export type Docker = { readonly folder: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    docker: Docker;
  }
}

const script = path.join(import.meta.dirname, 'install.sh');
const folder = path.resolve(import.meta.dirname, '../../../.cache/docker');

/** vitest's global setup: what is kept in .cache says nothing about the system's packages, so the script looks every time. */
export default async function installDocker(project: TestProject): Promise<void> {
  try {
    await promisify(execFile)(script, [folder], { timeout: 600_000 });
    project.provide('docker', { folder });
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    const reason = stderr.split('\n').at(-1) || (error instanceof Error ? error.message : String(error));
    project.provide('docker', { missing: `Docker and Compose could not be installed: ${reason}` });
  }
}
