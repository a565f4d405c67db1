import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EvaluationError } from '../../../../face_id_api/eval/evaluation-error.ts';
import { runEval } from '../../../../face_id_api/eval/run-eval.ts';
import { createEmbedder } from '../../../../face_id_api/triton-embedder.ts';
import {
  brokenPhoto,
  fakeCard,
  fakeFinder,
  fakeTriton,
  noisyPhoto,
  toBytes,
} from '../../../api/face_id_api/fake-deps.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';
import { recordedProgress } from './recorded-progress.ts';

type Photos = Record<string, Buffer>;

/** Ann looks like face 0, Bob like 1, Eve like 2, Joe like 3; one photo of Joe cannot be decoded, one of Eve has no face. */
const photos: Photos = {
  'Ann/Ann_0001.jpg': noisyPhoto(0, 10),
  'Ann/Ann_0002.jpg': noisyPhoto(0, 40),
  'Bob/Bob_0001.jpg': noisyPhoto(1, 20),
  'Bob/Bob_0002.jpg': noisyPhoto(1, 0),
  'Eve/Eve_0001.jpg': noisyPhoto(2, 0),
  'Eve/Eve_0002.jpg': toBytes({ faces: [] }),
  'Joe/Joe_0001.jpg': noisyPhoto(3, 0),
  'Joe/Joe_0002.jpg': brokenPhoto('UNREADABLE'),
};

async function evaluate(change: { photos?: Photos; finder?: ReturnType<typeof fakeFinder>; test?: string } = {}) {
  const data = await tempFolder();
  for (const [photo, bytes] of Object.entries(change.photos ?? photos)) {
    await mkdir(path.dirname(path.join(data, 'images', photo)), { recursive: true });
    await writeFile(path.join(data, 'images', photo), bytes);
  }
  const lists = {
    'pairsDevTrain.txt': '2\nAnn 1 2\nBob 1 2\nAnn 1 Bob 1\nAnn 2 Bob 2\n',
    'pairsDevTest.txt': '2\nEve 1 2\nJoe 1 2\nEve 1 Joe 1\nEve 2 Joe 1\n',
    'same-people.txt': '1\nAnn 1 2\nAnn 1 Joe 1\n',
  };
  for (const [name, text] of Object.entries(lists)) await writeFile(path.join(data, name), text);
  const { shown, progress } = recordedProgress();
  const printed: string[] = [];
  const calibration = await runEval({
    data,
    pairs: 'pairsDevTrain.txt',
    test: change.test ?? null,
    outDir: path.join(data, 'out'),
    finder: change.finder ?? fakeFinder(),
    embedder: createEmbedder({ client: fakeTriton(), card: fakeCard() }),
    crop: 'arcface_112',
    run: { embedder: 'fake', detector: 'mtcnn', command: 'npm run eval', date: '2026-01-31' },
    progress,
    print: line => void printed.push(line),
    signal: new AbortController().signal,
  });
  return { calibration, shown, printed: printed.join('\n'), report: path.join(data, 'out', 'fake-mtcnn') };
}

describe('runEval', () => {
  it('measures on one list, tests on the other and counts photos that fail', async () => {
    const { calibration, shown, printed } = await evaluate();
    expect(shown).toEqual({ total: 8, steps: 8, done: 1 });
    expect(calibration).toMatchObject({
      photos: { used: 4, failed: 0 },
      pairs: { same: 2, different: 4 },
      accuracy: 1,
      test: { list: 'pairsDevTest.txt', pairs: { same: 0, different: 1 }, failed_pairs: 3, accuracy: 1 },
    });
    expect(calibration.thresholds.every(({ threshold }) => threshold === null)).toBe(true);
    expect(printed).toMatch(/too few pairs; needs 30/);
    expect(printed).toMatch(/3 of 4 pairs without a score counted as wrong *│ 25\.00 %/);
  });

  it('writes charts, a report that shows the photos, and figures that name nobody', async () => {
    const { report } = await evaluate();
    expect((await readdir(report)).sort()).toEqual(['det.svg', 'report.json', 'report.md', 'roc.svg', 'scores.svg']);
    for (const [chart, words] of [
      ['det.svg', ['False-match rate (FMR)', 'False-non-match rate (FNMR)', '1e-1']],
      ['roc.svg', ['False-match rate (FMR)', 'True-match rate']],
      ['scores.svg', ['Score (cosine)', 'one person', 'two people']],
    ] as const) {
      const svg = await readFile(path.join(report, chart), 'utf8');
      expect(svg).toMatch(/^<svg /);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      for (const word of words) expect(svg).toContain(word);
    }
    const text = await readFile(path.join(report, 'report.md'), 'utf8');
    expect(text).toContain('src="../../images/Ann/Ann_0001.jpg"');
    expect(text).toMatch(/## Failures to acquire[\s\S]*Eve_0002\.jpg[\s\S]*Joe_0002\.jpg/);
    const figures = await readFile(path.join(report, 'report.json'), 'utf8');
    expect(figures).not.toMatch(/Ann|Bob|Eve|Joe/);
    const { histograms, rates } = JSON.parse(figures);
    expect(histograms.same.reduce((sum: number, count: number) => sum + count)).toBe(2);
    expect(histograms.different.reduce((sum: number, count: number) => sum + count)).toBe(4);
    expect(rates.map(({ fmr, supported }: { fmr: number; supported: boolean }) => [fmr, supported])).toEqual([
      [0.01, false],
      [0.001, false],
      [0.0001, false],
    ]);
  });

  it('stops before it reads a photo when a person is in both lists', async () => {
    const finder = fakeFinder({
      find: () => {
        throw new Error('a photo was read');
      },
    });
    await expect(evaluate({ test: 'same-people.txt', finder })).rejects.toThrow(/expected people who are not in/);
  });

  it('says which photo is not there, and ends the progress bar', async () => {
    const { 'Bob/Bob_0002.jpg': _, ...others } = photos;
    await expect(evaluate({ photos: others })).rejects.toThrow(EvaluationError);
    await expect(evaluate({ photos: others })).rejects.toThrow(/Bob_0002\.jpg: expected the photo that a list/);
  });

  it('takes a failing service for a failure of the run, not of the photo', async () => {
    await expect(evaluate({ photos: { ...photos, 'Joe/Joe_0002.jpg': brokenPhoto('OVERLOADED') } })).rejects.toThrow(
      'the fake photo asks for OVERLOADED',
    );
  });
});
