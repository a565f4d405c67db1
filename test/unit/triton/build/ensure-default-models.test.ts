import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDetectorChoice } from '../../../../triton/build/detector-choice.ts';
import { type EnsureOptions, ensureDetector, ensureEmbedder } from '../../../../triton/build/ensure-default-models.ts';
import { readCard } from '../../../../triton/card.ts';
import { optionsIn } from './install-options.ts';
import { recordedProgress } from './recorded-progress.ts';
import { tempFolder } from './temp-folder.ts';
import { emptySources, offline, tinyDetector, tinyModel, tinySources } from './tiny-model.ts';

const wanted = { embedder: 'tiny', detector: 'first' };
const models = [
  tinyModel(),
  tinyDetector({ name: 'first', places: [{ kind: 'wheel', requirement: 'first==1', folder: '' }], fallback: 'second' }),
  tinyDetector({ name: 'second' }),
];

/** Everything but the wheel, which is where `first` comes from. */
const withoutWheel = {
  ...tinySources(),
  fetch: (place, request) => (place.kind === 'wheel' ? emptySources : tinySources()).fetch(place, request),
} satisfies typeof offline;

function ensureOptions(folder: string, changes: Partial<EnsureOptions> = {}): EnsureOptions {
  return { ...optionsIn(folder), dataDir: path.join(folder, 'data_dir'), models, ...changes };
}

/** What a start of everything asks for, in its order. */
async function ensureDefaultModels(names: typeof wanted, options: EnsureOptions) {
  const embedder = await ensureEmbedder(names.embedder, options);
  return { embedder, detector: await ensureDetector(names.detector, options) };
}

describe('the default models', () => {
  it('are installed on the first start, and on the second no source is asked', async () => {
    const folder = await tempFolder();
    const first = await ensureDefaultModels(wanted, ensureOptions(folder));
    expect([first.embedder.name, first.detector.name]).toEqual(['tiny', 'first']);
    const progress = recordedProgress();
    const second = await ensureDefaultModels(wanted, ensureOptions(folder, { sources: offline, progress }));
    expect(second).toEqual(first);
    expect([...progress.steps, ...progress.notes]).toEqual([]);
  });

  it('are built again when a file is cut off, missing, or the options changed, and it is said why', async () => {
    const folder = await tempFolder();
    const { embedder } = await ensureDefaultModels(wanted, ensureOptions(folder));
    const again = async (changes: Partial<EnsureOptions> = {}): Promise<string[]> => {
      const progress = recordedProgress();
      await ensureDefaultModels(wanted, ensureOptions(folder, { progress, ...changes }));
      return progress.notes;
    };
    await truncate(path.join(embedder.dir, '1', 'model.onnx'), 3);
    expect(await again()).toEqual([
      expect.stringMatching(/^tiny is built again: .*model.onnx: expected \d+ bytes, got 3/),
    ]);
    await rm(path.join(embedder.dir, 'config.pbtxt'));
    expect(await again()).toEqual([expect.stringMatching(/config\.pbtxt is missing$/)]);
    await writeFile(path.join(embedder.dir, 'card.json'), '{}');
    expect(await again()).toEqual([expect.stringMatching(/expected a model card/)]);
    expect(await again({ mirrorCrop: false })).toEqual([
      'tiny is built again: built with mirror_crop true, wanted false',
    ]);
    expect(await again({ mirrorCrop: false })).toEqual([]);
    const newer = [tinyModel({ revision: 2 }), ...models.slice(1)];
    expect(await again({ mirrorCrop: false, models: newer })).toEqual([
      'tiny is built again: built by revision 1 of its builder, this is revision 2',
    ]);
  });

  it('take up a new calibration of the same model on the next start', async () => {
    const folder = await tempFolder();
    const options = ensureOptions(folder, {});
    const { embedder } = await ensureDefaultModels(wanted, options);
    const entry = {
      detector: 'first',
      method: 'npm run eval',
      pairs: { same: 10, different: 10 },
      thresholds: [{ fmr: 0.1, threshold: 0.5 }],
      curve: { slope: 10, intercept: -5 },
      accuracy: 0.9,
    };
    await mkdir(options.calibrationDir);
    const write = (fingerprint: string, accuracy: number) =>
      writeFile(
        path.join(options.calibrationDir, 'tiny.json'),
        JSON.stringify({ model: 'tiny', fingerprint, calibration: [{ ...entry, accuracy }] }),
      );
    const accuracyNow = async () => (await ensureDefaultModels(wanted, options)).embedder.card.calibration[0]?.accuracy;
    await write(embedder.card.fingerprint, 0.9);
    expect(await accuracyNow()).toBe(0.9);
    expect((await readCard(embedder.dir)).calibration[0]?.accuracy).toBe(0.9);
    await write('another', 0.1);
    expect(await accuracyNow()).toBe(0.9);
  });

  it('refuse a name that is not known, or is of the other kind, with the names that are', async () => {
    const options = ensureOptions(await tempFolder());
    await expect(ensureDefaultModels({ embedder: 'nope', detector: 'first' }, options)).rejects.toThrow(
      "model 'nope': expected one of tiny",
    );
    await expect(ensureDefaultModels({ embedder: 'tiny', detector: 'tiny' }, options)).rejects.toThrow(
      "model 'tiny': expected one of first, second",
    );
  });

  it('refuse an installed model that is not cleared once commercial_only is set', async () => {
    const folder = await tempFolder();
    await ensureDefaultModels(wanted, ensureOptions(folder));
    const uncleared = [tinyModel({ commercial: false }), ...models.slice(1)];
    const options = { ...ensureOptions(folder, { commercialOnly: true }), models: uncleared };
    await expect(ensureDefaultModels(wanted, options)).rejects.toMatchObject({ code: 'NOT_CLEARED' });
  });
});

describe('the choice of the detector', () => {
  it('falls back once when no source delivers, says so, and is written down', async () => {
    const folder = await tempFolder();
    const progress = recordedProgress();
    const options = ensureOptions(folder, { sources: withoutWheel, progress });
    expect((await ensureDefaultModels(wanted, options)).detector.name).toBe('second');
    expect(progress.notes.join('\n')).toContain(
      'wheel wheel did not deliver: no wheel here\n  what to do: plug the wheel in',
    );
    expect(progress.notes.at(-1)).toContain('second takes the place of first');
    expect(JSON.parse(await readFile(path.join(options.dataDir, 'choices.json'), 'utf8'))).toEqual({
      detector: {
        name: 'second',
        wanted: 'first',
        reason: 'no source delivered first',
        at: expect.stringMatching(/^\d{4}-/),
      },
    });
  });

  it('stays when the source is back, and every start says how to change it', async () => {
    const folder = await tempFolder();
    await ensureDefaultModels(wanted, ensureOptions(folder, { sources: withoutWheel }));
    const progress = recordedProgress();
    const { detector } = await ensureDefaultModels(wanted, ensureOptions(folder, { progress }));
    expect(detector.name).toBe('second');
    expect(progress.notes).toEqual([expect.stringMatching(/^detector: second is used.*npm run models -- add first$/)]);
  });

  it('never falls back later: the chosen detector, once lost, is fetched again or the start fails', async () => {
    const folder = await tempFolder();
    const options = ensureOptions(folder);
    const { detector } = await ensureDefaultModels(wanted, options);
    await rm(detector.dir, { recursive: true });
    await expect(ensureDefaultModels(wanted, { ...options, sources: withoutWheel })).rejects.toMatchObject({
      code: 'SOURCES_FAILED',
    });
    expect((await ensureDefaultModels(wanted, options)).detector.name).toBe('first');
  });

  it('is made anew when the configuration asks for another one', async () => {
    const folder = await tempFolder();
    const options = ensureOptions(folder);
    await ensureDefaultModels(wanted, options);
    const { detector } = await ensureDefaultModels({ ...wanted, detector: 'second' }, options);
    expect(detector.name).toBe('second');
    expect(await readDetectorChoice(options.dataDir)).toMatchObject({ name: 'second', wanted: 'second' });
  });

  it('does not hide another failure behind the fallback', async () => {
    const broken = tinyDetector({
      name: 'first',
      fallback: 'second',
      build: () => {
        throw new Error('broken');
      },
    });
    const options = { ...ensureOptions(await tempFolder()), models: [models[0]!, broken, models[2]!] };
    await expect(ensureDefaultModels(wanted, options)).rejects.toMatchObject({ code: 'BUILD_FAILED' });
    expect(await readDetectorChoice(options.dataDir)).toBeNull();
  });

  it('refuses a record that is not whole, with its path', async () => {
    const options = ensureOptions(await tempFolder());
    await mkdir(options.dataDir);
    await writeFile(path.join(options.dataDir, 'choices.json'), '{"detector":');
    await expect(ensureDefaultModels(wanted, options)).rejects.toThrow(
      `${path.join(options.dataDir, 'choices.json')}: expected a record of choices, got no JSON`,
    );
  });
});
