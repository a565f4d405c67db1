import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { installModel } from '../../../../triton/build/install-model.ts';
import { type ModelCard, readCard } from '../../../../triton/card.ts';
import { optionsIn } from './install-options.ts';
import { recordedProgress } from './recorded-progress.ts';
import { tempFolder } from './temp-folder.ts';
import { emptyGraph, emptySources, sha256, tinyDetector, tinyModel, tinySources } from './tiny-model.ts';

const calibrationOf = (card: ModelCard, fingerprint: string) => ({
  model: card.name,
  fingerprint,
  calibration: [
    {
      detector: 'mtcnn',
      method: 'npm run eval',
      pairs: { same: 10, different: 10 },
      thresholds: [{ fmr: 0.1, threshold: 0.5 }],
      curve: { slope: 10, intercept: -5 },
      accuracy: 0.9,
    },
  ],
});

describe('installing an embedder', () => {
  it('writes config.pbtxt, version 1 and the card into the repository', async () => {
    const options = optionsIn(await tempFolder());
    const { dir } = await installModel(tinyModel(), options);
    expect(dir).toBe(path.join(options.repository, 'tiny'));
    expect((await readdir(dir, { recursive: true })).sort()).toEqual(
      ['1', path.join('1', 'model.onnx'), 'card.json', 'config.pbtxt'].sort(),
    );
  });

  it('writes a card that says where it comes from and what was built', async () => {
    const options = optionsIn(await tempFolder());
    const { dir, card } = await installModel(tinyModel(), options);
    expect(await readCard(dir)).toEqual(card);
    const model = await readFile(path.join(dir, '1', 'model.onnx'));
    expect(card).toMatchObject({
      name: 'tiny',
      source: { kind: 'mirror', location: 'mirror' },
      weights: [
        { file: 'a.bin', sha256: sha256('weights a'), published: true },
        { file: 'b.bin', sha256: sha256('weights b'), published: true },
      ],
      files: [{ file: '1/model.onnx', bytes: model.length, sha256: sha256(model) }],
      inputs: [{ name: 'INPUT__0', datatype: 'UINT8', shape: [-1, 3, 112, 112] }],
      outputs: [{ name: 'OUTPUT__0', datatype: 'FP32', shape: [-1, 4] }],
      crop: { name: 'arcface_112', spec: { kind: 'similarity', size: 112 } },
      pixel_spec: { mean: 127.5, divisor: 128 },
      mirror_crop: true,
      calibration: [],
    });
    expect(card.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives another fingerprint with another mirror_crop, and leaves it off where the model cannot', async () => {
    const folder = await tempFolder();
    const on = await installModel(tinyModel(), optionsIn(folder));
    const off = await installModel(tinyModel(), optionsIn(folder, { mirrorCrop: false }));
    const cannot = await installModel(tinyModel({ canMirrorCrop: false }), optionsIn(folder));
    expect(off.card.fingerprint).not.toBe(on.card.fingerprint);
    expect(cannot.card.mirror_crop).toBe(false);
  });

  it('copies the calibration that was measured for this very model, and no other', async () => {
    const folder = await tempFolder();
    const options = optionsIn(folder);
    const { card } = await installModel(tinyModel(), options);
    await mkdir(options.calibrationDir);
    const file = path.join(options.calibrationDir, 'tiny.json');
    await writeFile(file, JSON.stringify(calibrationOf(card, card.fingerprint)));
    const again = await installModel(tinyModel(), options);
    expect(again.card.calibration).toMatchObject([{ detector: 'mtcnn', accuracy: 0.9 }]);
    await writeFile(file, JSON.stringify(calibrationOf(card, 'another')));
    expect((await installModel(tinyModel(), options)).card.calibration).toEqual([]);
  });

  it('refuses a graph that breaks the embedders’ contract', async () => {
    const folder = await tempFolder();
    const wrong = tinyModel({
      build: () => [
        {
          path: '1/model.onnx',
          bytes: emptyGraph([['data', 'FLOAT', [1, 3, 160, 160]]], [['OUTPUT__0', 'FLOAT', [-1, 4]]]),
        },
      ],
    });
    const failing = installModel(wrong, optionsIn(folder));
    await expect(failing).rejects.toMatchObject({ code: 'BUILD_FAILED' });
    await expect(failing).rejects.toThrow(
      /expected INPUT__0 UINT8 or FP32 \[-1, 3, 112, 112\].* got data FP32 \[1, 3, 160, 160\]/,
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('installing a detector', () => {
  it('writes its graphs and card into the detector’s folder, without config.pbtxt', async () => {
    const options = optionsIn(await tempFolder());
    const { dir, card } = await installModel(tinyDetector(), options);
    expect(dir).toBe(path.join(options.detectorModelDir, 'tiny_detector'));
    expect((await readdir(dir)).sort()).toEqual(['card.json', 'p.onnx', 'r.onnx']);
    expect(card.inputs.map(input => input.name)).toEqual(['p.onnx:input', 'r.onnx:input']);
    expect(card.crop).toBeNull();
  });
});

describe('an installation that fails', () => {
  it('asks no source when only cleared models are wanted, and says why', async () => {
    const sources = tinySources();
    const options = optionsIn(await tempFolder(), { commercialOnly: true, sources });
    const research = tinyModel({ commercial: false, commercialNote: 'Trained on research data.' });
    const failing = installModel(research, options);
    await expect(failing).rejects.toMatchObject({ code: 'NOT_CLEARED' });
    await expect(failing).rejects.toThrow(/^tiny is not cleared.*Trained on research data\..*What to do:/);
    expect(sources.asked).toEqual([]);
    expect(await installModel(tinyModel(), options)).toMatchObject({ name: 'tiny' });
  });

  it('leaves the installed model as it was', async () => {
    const folder = await tempFolder();
    const options = optionsIn(folder);
    const { dir, card } = await installModel(tinyModel(), options);
    await expect(installModel(tinyModel(), { ...options, sources: emptySources })).rejects.toMatchObject({
      code: 'SOURCES_FAILED',
    });
    const broken = tinyModel({
      build: () => {
        throw new Error('tensor conv1: expected [3, 3], got [3]');
      },
    });
    await expect(installModel(broken, options)).rejects.toThrow(/tiny: .*tensor conv1: expected \[3, 3\], got \[3\]/);
    expect(await readCard(dir)).toEqual(card);
    expect(await readdir(options.repository)).toEqual(['tiny']);
  });

  it('names the folder that cannot be written', async () => {
    const options = optionsIn(await tempFolder());
    await writeFile(options.repository, 'a file where the folder should be');
    const failing = installModel(tinyModel(), options);
    await expect(failing).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    await expect(failing).rejects.toThrow(/^\S*tiny: could not be written: .*What to do:/);
  });

  it('by interruption leaves nothing, whenever it comes', async () => {
    for (const moment of ['fetching from mirror mirror', 'building', 'writing']) {
      const folder = await tempFolder();
      const controller = new AbortController();
      const progress = {
        ...recordedProgress(),
        step: (what: string) => what === moment && controller.abort(new Error(`enough at ${moment}`)),
      };
      const options = optionsIn(folder, { progress, signal: controller.signal });
      await expect(installModel(tinyModel(), options)).rejects.toThrow(`enough at ${moment}`);
      const left = await readdir(options.repository).catch(() => []);
      expect(left).toEqual([]);
    }
  });
});

it('tells every step of an installation', async () => {
  const progress = recordedProgress();
  const { dir } = await installModel(tinyModel(), optionsIn(await tempFolder(), { progress }));
  expect(progress.steps).toEqual([
    'start tiny',
    'fetching from mirror mirror',
    'building',
    'writing',
    `installed in ${dir}`,
  ]);
});
