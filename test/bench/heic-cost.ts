import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import sharp from 'sharp';
import { decodeImage } from '../../detector/decode-image.ts';
import { samplePhotos } from '../end_to_end/test-models.ts';
import { installPillowHeif } from '../services/heic/install-pillow-heif.ts';

/**
 * `node test/bench/heic-cost.ts DIR`: what decoding a photo costs as HEIC and as JPEG, at 12 and at 50 megapixels, each file in a
 * process of its own. The photos are made in DIR, from a sample photo, where they are not there yet.
 */
const run = promisify(execFile);
const rounds = 7;
const widths = [3872, 7900];

type Cost = {
  readonly width: number;
  readonly height: number;
  readonly milliseconds: number;
  readonly megabytes: number;
};

async function makePhotos(dir: string): Promise<string[]> {
  await mkdir(dir, { recursive: true });
  const tool = await installPillowHeif();
  if ('missing' in tool) throw new Error(tool.missing);
  const source = path.join(samplePhotos, 'sample6.jpg');
  const encode = path.resolve(import.meta.dirname, '../services/heic/encode.py');
  const files: string[] = [];
  for (const width of widths) {
    const heic = path.join(dir, `${width}.heic`);
    const jpeg = path.join(dir, `${width}.jpg`);
    if (!existsSync(heic)) await run(tool.python, [encode, source, heic, `${width}`]);
    if (!existsSync(jpeg)) await sharp(source).resize(width).jpeg({ quality: 90 }).toFile(jpeg);
    files.push(jpeg, heic);
  }
  return files;
}

/** The median of several, without the first, and the process's peak. */
async function measure(file: string): Promise<Cost> {
  const bytes = await readFile(file);
  const times: number[] = [];
  let size = { width: 0, height: 0 };
  for (let round = 0; round <= rounds; round++) {
    const begun = performance.now();
    size = await decodeImage(bytes, { maxSide: 2048, maxSeconds: 120 });
    if (round > 0) times.push(performance.now() - begun);
  }
  const milliseconds = times.toSorted((a, b) => a - b)[Math.trunc(times.length / 2)] ?? 0;
  return { width: size.width, height: size.height, milliseconds, megabytes: process.resourceUsage().maxRSS / 1024 };
}

const [dir = '.cache/heic-cost', only] = process.argv.slice(2);
if (only !== undefined) {
  process.stdout.write(JSON.stringify(await measure(only)));
} else {
  const table = new Table({
    head: ['photo', 'pixels', 'ms', 'peak of the process, MB'],
    style: { head: [], border: [] },
  });
  for (const file of await makePhotos(dir)) {
    const { stdout } = await run(process.execPath, [import.meta.filename, dir, file]);
    const { width, height, milliseconds, megabytes }: Cost = JSON.parse(stdout);
    table.push([path.basename(file), `${width} × ${height}`, milliseconds.toFixed(0), megabytes.toFixed(0)]);
  }
  process.stdout.write(`${table}\n`);
}
