import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Config } from '../../config.ts';

export const root = path.resolve(import.meta.dirname, '../..');

/** The configuration as a process takes it, on free ports. */
export function environmentOf(config: Config): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    FACE_ID__API__PORT: '0',
    FACE_ID__DETECTOR__PORT: '0',
    FACE_ID__TRITON__URL: config.triton.url,
    FACE_ID__TRITON__GRPC_PORT: '0',
    FACE_ID__TRITON__HTTP_PORT: '0',
    FACE_ID__TRITON__METRICS_PORT: '0',
    FACE_ID__DETECTOR__NAME: config.detector.name,
    FACE_ID__DETECTOR__MODEL_DIR: config.detector.model_dir,
    FACE_ID__TRITON__MODEL_REPOSITORY: config.triton.model_repository,
    FACE_ID__DATA_DIR: config.data_dir,
  };
}

/** `npm start` as a process of its own, so that it can be killed. @param env further variables */
export async function spawnProduct(
  config: Config,
  env: Record<string, string> = {},
): Promise<{ child: ChildProcess; apiUrl: string }> {
  const child = spawn(process.execPath, ['main.ts'], {
    cwd: root,
    env: { ...environmentOf(config), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    const apiUrl = /^API\s+(http:\S+)/.exec(line)?.[1];
    if (apiUrl !== undefined) {
      child.stdout!.resume();
      return { child, apiUrl };
    }
  }
  throw new Error(`the service ended before it listened, with code ${child.exitCode}`);
}
