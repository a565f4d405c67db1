import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
/** Every process says at its start who it is and what glibc and V8 were told. */
const announce =
  'data:text/javascript,process._rawDebug("pid",process.pid,"arenas",process.env.MALLOC_ARENA_MAX,process.execArgv[0])';

/** `serve` with a configuration that stops it at once; what it wrote, and how it ended. */
async function serve(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', announce, 'main.ts', 'serve'], {
    cwd: root,
    env: { PATH: process.env.PATH, FACE_ID__API__PORT: '"none"', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', chunk => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  return { pid: child.pid, code, starts: errors.match(/pid \d+ arenas \w+ [\w=-]+/g), errors };
}

describe.skipIf(process.platform !== 'linux')('starting the service on Linux (only glibc has these settings)', () => {
  it('begins again under the same process id with the settings for its memory, once', async () => {
    const { pid, code, starts, errors } = await serve();
    expect(starts).toEqual([`pid ${pid} arenas undefined --import`, `pid ${pid} arenas 1 --max-semi-space-size=2`]);
    expect({ code, named: errors.includes('api.port') }).toEqual({ code: 1, named: true });
  });

  it('leaves settings alone that somebody has made', async () => {
    const { pid, starts } = await serve({ MALLOC_ARENA_MAX: '4' });
    expect(starts).toEqual([`pid ${pid} arenas 4 --import`]);
  });
});
