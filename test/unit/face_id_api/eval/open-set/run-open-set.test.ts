import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PhotoFault } from '../../../../../detector/degrade-photo.ts';
import { sampleEvery } from '../../../../../face_id_api/eval/open-set/measure-open-set.ts';
import { runOpenSet } from '../../../../../face_id_api/eval/open-set/run-open-set.ts';
import { createEmbedder } from '../../../../../face_id_api/triton-embedder.ts';
import { openSetSchema } from '../../../../../triton/open-set.ts';
import { fakeCard, fakeFinder, fakeTriton, toBytes } from '../../../../api/face_id_api/fake-deps.ts';
import { recordedProgress } from '../recorded-progress.ts';
import { openSetFolder, strangerCount } from './open-set-folder.ts';

/** Blur hides every face, darkness turns it by 60 of 255 parts of a right angle; the others do nothing. */
async function degrade(image: Uint8Array, fault: PhotoFault): Promise<Uint8Array> {
  if (fault === 'blur') return toBytes({ faces: [] });
  const photo = JSON.parse(Buffer.from(image).toString());
  const darken = (face: { who: number; noise: number }) => ({ ...face, noise: face.noise + 60 });
  return fault === 'darkness' && photo.faces ? toBytes({ faces: photo.faces.map(darken) }) : image;
}

async function evaluate(change: { data?: string; withFaults?: boolean } = {}) {
  const data = change.data ?? (await openSetFolder());
  const { shown, progress } = recordedProgress();
  const printed: string[] = [];
  const openSet = await runOpenSet({
    data,
    outDir: path.join(data, 'out'),
    withFaults: change.withFaults ?? true,
    degrade,
    finder: fakeFinder(),
    embedder: createEmbedder({ client: fakeTriton(), card: fakeCard() }),
    crop: 'arcface_112',
    calibrated: [{ fmr: 0.01, threshold: 0.6 }],
    run: { embedder: 'fake', detector: 'mtcnn', command: 'npm run eval -- open-set', date: '2026-01-31' },
    progress,
    print: line => void printed.push(line),
    signal: new AbortController().signal,
  });
  return { openSet, shown, printed: printed.join('\n'), report: path.join(data, 'out', 'fake-mtcnn') };
}

const sampled = Math.ceil(strangerCount / sampleEvery);

describe('runOpenSet', () => {
  it('measures who is found, who is missed and who is taken for somebody', async () => {
    const { openSet, shown } = await evaluate();
    expect(openSetSchema.parse(openSet)).toEqual(openSet);
    expect(shown).toEqual({ total: 12 + strangerCount + 5 * (6 + sampled), steps: shown.total, done: 1 });
    expect(openSet).toMatchObject({
      gallery: { identities: 2, templates: 6 },
      failure_to_enrol: { hits: 0, trials: 2 },
      failure_to_acquire: { enrolled: { hits: 0 }, mated: { hits: 1, trials: 6 }, non_mated: { hits: 1, trials: 120 } },
      rank_one: { hits: 5, trials: 6 },
    });
    // One stranger of 120 may be named at 1 %, none at 0.3 %.
    expect(openSet.rates).toMatchObject([
      { fpir: 0.01, supported: false, point: { fpir: { hits: 1, trials: 120 }, fnir: { hits: 1, trials: 6 } } },
      { fpir: 0.003, supported: false, point: null },
    ]);
    // Stranger i and Bob share axis 2 alone, which the least turned of Bob's templates has most of.
    const { point, expected_fpir } = openSet.at_fmr[0]!;
    const angle = (noise: number): number => ((noise / 255) * Math.PI) / 2;
    const nearest = (i: number): number => Math.sin(angle(i)) * Math.cos(angle(4));
    const named = Array.from({ length: 119 }, (_, i) => nearest(i)).filter(score => score >= 0.6);
    expect(point.fpir.hits).toBe(named.length);
    expect(expected_fpir).toBeCloseTo(1 - 0.99 ** 6, 12);
  });

  it('measures each fault at the threshold without one', async () => {
    const { openSet } = await evaluate();
    const threshold = openSet.rates[0]!.point!.threshold;
    const fault = (name: string) => openSet.faults.find(one => one.fault === name)!;
    expect(openSet.faults.every(({ point }) => point.threshold === threshold)).toBe(true);
    expect(fault('blur')).toMatchObject({ failure_to_acquire: { hits: 6, trials: 6 }, rank_one: { hits: 0 } });
    expect(fault('blur').point).toMatchObject({ fnir: { rate: 1 }, fpir: { hits: 0, trials: sampled } });
    expect(fault('jpeg').point.fnir.hits).toBe(openSet.rates[0]!.point!.fnir.hits);
    expect(fault('darkness').point.fpir.hits).toBeGreaterThan(openSet.sample.points[0]!.fpir.hits);
  });

  it('keeps what the gate compares: the sample, at the thresholds that matter', async () => {
    const { sample, rates } = (await evaluate()).openSet;
    expect(sample.every).toBe(sampleEvery);
    expect(sample.points.map(({ threshold }) => threshold)).toEqual([rates[0]!.point!.threshold, 0.6]);
    expect(sample.points[0]!.fpir.trials).toBe(sampled);
    expect(sample.rank_one).toMatchObject({ hits: 5, trials: 6 });
  });

  it('writes charts, pictures of the faults, a report that shows the photos, and figures that name nobody', async () => {
    const { report, printed } = await evaluate({ withFaults: false });
    expect((await readdir(report)).sort()).toEqual(['faults', 'open-set-det.svg', 'open-set.json', 'open-set.md']);
    const svg = await readFile(path.join(report, 'open-set-det.svg'), 'utf8');
    expect(svg).toMatch(/^<svg /);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg).toContain('FPIR 1.00 %, fewer than 30 errors: FNIR 16.67 %');
    const text = await readFile(path.join(report, 'open-set.md'), 'utf8');
    expect(text).toContain('src="../../images/Bob/Bob_0001.jpg"');
    expect(text).toMatch(/## Failures to acquire[\s\S]*Ann_0006\.jpg[\s\S]*Stranger_119_0001\.jpg/);
    expect(await readFile(path.join(report, 'open-set.json'), 'utf8')).not.toMatch(/Ann|Bob|Stranger_/);
    expect(printed).toMatch(/FPIR 1\.00 %, fewer than 30 errors/);
    expect(printed).toMatch(/FPIR 0\.30 %, fewer than 30 errors *│ none *│ too few strangers/);
  });

  it('counts a person whose photos show no face as a failure to enrol, and as missed', async () => {
    const nobody = Object.fromEntries(
      [1, 2, 3].map(i => [`Bob/Bob_000${i}.jpg`, toBytes({ faces: [], fault: undefined })]),
    );
    // Photos of one content under one name are one person's; only searched-for copies are refused.
    const { openSet } = await evaluate({
      data: await openSetFolder({ ...nobody, 'Ann/Ann_0006.jpg': toBytes({ faces: [{ who: 4, noise: 60 }] }) }),
      withFaults: false,
    });
    expect(openSet.failure_to_enrol).toMatchObject({ hits: 1, trials: 2 });
    expect(openSet.failure_to_acquire.mated).toMatchObject({ hits: 0, trials: 3 });
    expect(openSet.rank_one).toMatchObject({ hits: 3, trials: 6 });
  });
});
