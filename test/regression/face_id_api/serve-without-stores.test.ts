import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

/** What the images of a detector or a Triton alone do not have. */
const absent = ['usearch', 'koffi', '@elastic/elasticsearch', 'vega', '@vladmandic/face-api'];

const refuse = `import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
  if (${JSON.stringify(absent)}.includes(name)) throw new Error('loads ' + name);
  return next(name, context);
} });`;

it('services are loaded without what only a store, or an evaluation, needs', async () => {
  const hook = `data:text/javascript,${encodeURIComponent(refuse)}`;
  const args = ['--import', hook, '--input-type=module', '-e', "await import('./serve.ts'); console.log('loaded')"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(stdout).toBe('loaded\n');
}, 60_000);
