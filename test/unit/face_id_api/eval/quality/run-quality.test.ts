import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { PhotoFault } from '../../../../../detector/degrade-photo.ts';
import { runQuality } from '../../../../../face_id_api/eval/quality/run-quality.ts';
import { createEmbedder } from '../../../../../face_id_api/triton-embedder.ts';
import { fakeCard, fakeFinder, fakeTriton, toBytes } from '../../../../api/face_id_api/fake-deps.ts';
import { openSetFolder } from '../open-set/open-set-folder.ts';

/** Rotation hides every face, darkness turns it half way to another person's; the others do nothing. */
async function degrade(image: Uint8Array, fault: PhotoFault): Promise<Uint8Array> {
  if (fault === 'rotation') return toBytes({ faces: [] });
  const { faces = [] } = JSON.parse(Buffer.from(image).toString());
  const darken = (face: { who: number; noise: number }) => ({ ...face, noise: 200 });
  return fault === 'darkness' ? toBytes({ faces: faces.map(darken) }) : image;
}

it('looks at every photo with and without faults, and draws errors against discarded photos', async () => {
  const data = await openSetFolder();
  let [total, steps] = [0, 0];
  const printed: string[] = [];
  await runQuality({
    data,
    outDir: path.join(data, 'out'),
    applied: { fmr: 0.001, threshold: 0.8 },
    degrade,
    finder: fakeFinder(),
    embedder: createEmbedder({ client: fakeTriton(), card: fakeCard() }),
    crop: 'arcface_112',
    run: { embedder: 'fake', detector: 'mtcnn', command: 'npm run eval -- quality', date: '2026-01-31' },
    progress: {
      start(count) {
        total = count;
      },
      step() {
        steps++;
      },
      done() {},
    },
    print: line => void printed.push(line),
    signal: new AbortController().signal,
  });
  // Six photos are enrolled, six are searched for, without a fault and with five.
  expect([total, steps]).toEqual([6 + 6 * 6, 42]);
  // One photo shows nobody whatever the fault, and a turned one never anybody; of the others, five are dark.
  expect(printed.join('\n')).toContain(
    '5 of 25 photos with and without faults are missed at the threshold of FMR 0.001',
  );
  expect(printed.join('\n')).toContain('11 more show no face');
  const report = path.join(data, 'out', 'fake-mtcnn');
  expect((await readdir(report)).sort()).toEqual(['quality-discard.svg', 'quality.json', 'quality.md']);
  const svg = await readFile(path.join(report, 'quality-discard.svg'), 'utf8');
  expect(svg).toMatch(/^<svg /);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  for (const word of ['sharpness', 'box side', 'Photos of the lowest quality']) expect(svg).toContain(word);
  for (const file of ['quality.md', 'quality.json']) {
    expect(await readFile(path.join(report, file), 'utf8')).not.toMatch(/Ann|Bob/);
  }
});
