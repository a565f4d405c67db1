import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDetectorChoice, writeDetectorChoice } from '../../../../triton/build/detector-choice.ts';
import { createModelsCommand } from '../../../../triton/build/models-command.ts';
import { createSources } from '../../../../triton/build/sources/create-sources.ts';
import { readCard } from '../../../../triton/card.ts';
import { optionsIn } from './install-options.ts';
import { tempFolder } from './temp-folder.ts';
import { emptySources, sha256, tinyDetector, tinyModel } from './tiny-model.ts';

const models = [
  tinyModel(),
  tinyDetector({ commercial: false, commercialNote: 'Trained on research data.' }),
  tinyModel({ name: 'tiny_for_tests', testOnly: true }),
];

function commandIn(folder: string, changes: Parameters<typeof optionsIn>[1] = {}, known = models) {
  const dataDir = path.join(folder, 'data_dir');
  let json: unknown[] = [];
  const run = async (...args: string[]): Promise<{ output: string; code: number }> => {
    let output = '';
    let code = 0;
    const command = createModelsCommand({
      writeJson: (...answer) => {
        json = answer;
      },
      context: () => ({ ...optionsIn(folder, changes), dataDir }),
      write: text => {
        output += text;
      },
      setExitCode: given => {
        code = given;
      },
      models: known,
    });
    await command.parseAsync(args, { from: 'user' });
    return { output, code };
  };
  return { run, dataDir, json: () => json };
}

describe('npm run models', () => {
  it('lists every known model with purpose, sources, licence, clearance, size and state', async () => {
    const { run } = commandIn(await tempFolder());
    await run('add', 'tiny');
    const { output, code } = await run();
    expect(code).toBe(0);
    const rowOf = (name: string) => output.split('\n').find(line => line.includes(`│ ${name} `));
    expect(rowOf('tiny')).toMatch(/for tests .* mirror: mirror .* none .* cleared .* MB .* yes/);
    expect(rowOf('tiny_detector')).toMatch(/for tests .* none .* no .* MB .* no /);
    expect(output).toContain('tiny_detector: Trained on research data.');
    expect(output).toContain('npm run models -- add NAME');
  });

  it('lists and verifies for programs, too', async () => {
    const folder = await tempFolder();
    const { run, json } = commandIn(folder);
    await run('add', 'tiny');
    await run('--json');
    const [command, code, listed] = json();
    expect([command, code]).toEqual(['models', 0]);
    expect(listed).toMatchObject({
      models: [
        {
          name: 'tiny',
          state: 'ready',
          reason: null,
          commercial: true,
          sources: [{ kind: 'mirror' }, { kind: 'npm' }],
        },
        { name: 'tiny_detector', state: 'absent', commercial: false, commercial_note: 'Trained on research data.' },
      ],
    });
    await run('verify', '--json');
    expect(json()).toMatchObject(['models verify', 0, { models: [{ model: 'tiny' }] }]);
    await writeFile(path.join(optionsIn(folder).repository, 'tiny/1/model.onnx'), 'x');
    const wrong = await run('verify', '--json');
    expect(wrong).toEqual({ code: 1, output: '' });
    expect(json()).toMatchObject([
      'models verify',
      1,
      {
        models: [
          { files: expect.arrayContaining([{ file: '1/model.onnx', state: 'changed', detail: expect.any(String) }]) },
        ],
      },
    ]);
  });

  it('lists what only tests use with --all, and once it is installed', async () => {
    const { run } = commandIn(await tempFolder());
    const plain = await run();
    expect(plain.output).not.toContain('tiny_for_tests');
    expect(plain.output).toContain('npm run models -- --all');
    const all = await run('--all');
    expect(all.output).toContain('│ tiny_for_tests ');
    expect(all.output).not.toContain('-- --all');
    await run('add', 'tiny_for_tests');
    expect((await run()).output).toContain('│ tiny_for_tests ');
  });

  it('-- add installs what is named and says what to do next', async () => {
    const { run } = commandIn(await tempFolder());
    const { output, code } = await run('add', 'tiny', 'tiny_detector');
    expect(code).toBe(0);
    expect(output).toContain('models.embedder: tiny');
    expect(output).toContain('detector.name: tiny_detector');
  });

  it('-- add --from takes the one file of a model from where the operator says, and the card says so', async () => {
    const folder = await tempFolder();
    const one = tinyModel({ weights: [{ name: 'a.bin', bytes: 9, sha256: null }] });
    const { run } = commandIn(folder, { sources: createSources({ mirror: null }) }, [one]);
    const file = path.join(folder, 'downloaded.pt');
    await writeFile(file, 'weights a');
    expect(await run('add', 'tiny', '--from', file)).toMatchObject({ code: 0 });
    const card = await readCard(path.join(folder, 'models', 'tiny'));
    expect(card.source).toEqual({ kind: 'file', location: 'downloaded.pt' });
    expect(card.weights).toEqual([{ file: 'a.bin', sha256: sha256('weights a'), published: false }]);
  });

  it('-- add --from is refused for several models, and for one that has several files or none', async () => {
    const generated = tinyModel({
      name: 'made_up',
      weights: [{ name: 'recipe.txt', bytes: 1, sha256: null }],
      places: [{ kind: 'generated', recipe: 'x' }],
    });
    const { run } = commandIn(await tempFolder(), {}, [...models, generated]);
    const expectRefusal = async (names: string[], message: string): Promise<void> =>
      expect(await run('add', ...names, '--from', 'x')).toEqual({ output: expect.stringContaining(message), code: 1 });
    await expectRefusal(['tiny', 'tiny_detector'], 'expected one model to take the weights for, got several');
    await expectRefusal(['tiny'], 'expected a model whose weights are one file, got tiny (a.bin, b.bin)');
    await expectRefusal(['made_up'], 'got made_up (recipe.txt)');
  });

  it('-- add of an unknown name installs nothing and lists the known ones', async () => {
    const { run } = commandIn(await tempFolder());
    expect(await run('add', 'tiny', 'nope')).toEqual({
      output: "model 'nope': expected one of tiny, tiny_detector, tiny_for_tests\n",
      code: 1,
    });
    expect((await run('verify')).output).toContain('No model is installed');
  });

  it('-- add that fails says why for each model', async () => {
    const { run } = commandIn(await tempFolder(), { sources: emptySources });
    const { output, code } = await run('add', 'tiny', 'tiny_detector');
    expect(code).toBe(1);
    expect(output).toMatch(/tiny: expected its weights[\s\S]*tiny_detector: expected its weights/);
  });

  it('-- add of the detector that was wanted settles the choice anew', async () => {
    const { run, dataDir } = commandIn(await tempFolder());
    const at = '2026-01-02T03:04:05.000Z';
    await writeDetectorChoice(dataDir, { name: 'other', wanted: 'tiny_detector', reason: 'no source', at });
    expect((await run('add', 'tiny_detector')).output).toContain('no longer other');
    expect(await readDetectorChoice(dataDir)).toMatchObject({ name: 'tiny_detector', wanted: 'tiny_detector' });
  });

  it('-- verify names each file that is changed or missing, and fails', async () => {
    const folder = await tempFolder();
    const { run } = commandIn(folder);
    await run('add', 'tiny', 'tiny_detector');
    expect(await run('verify')).toMatchObject({ code: 0, output: expect.not.stringMatching(/changed|missing/) });
    await writeFile(path.join(folder, 'models', 'tiny', '1', 'model.onnx'), 'other');
    await rm(path.join(folder, 'detectors', 'tiny_detector', 'r.onnx'));
    const { output, code } = await run('verify');
    expect(code).toBe(1);
    expect(output).toMatch(/^changed tiny\/1\/model.onnx: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/m);
    expect(output).toMatch(/^ok {6}tiny\/config.pbtxt$/m);
    expect(output).toMatch(/^ok {6}tiny_detector\/p.onnx$/m);
    expect(output).toMatch(/^missing tiny_detector\/r.onnx$/m);
    expect(output).toContain('npm run models -- add tiny_detector');
  });

  it('answers another word with the commands that there are', async () => {
    const { run } = commandIn(await tempFolder());
    expect(await run('install')).toEqual({
      output: 'models install: expected nothing, or add, verify or remove\n',
      code: 1,
    });
  });

  it('-- remove deletes a model, and says so when there is none', async () => {
    const { run } = commandIn(await tempFolder());
    await run('add', 'tiny');
    expect(await run('remove', 'tiny')).toMatchObject({ code: 0 });
    expect(await run('remove', 'tiny')).toMatchObject({
      code: 1,
      output: expect.stringContaining('expected an installed model'),
    });
  });
});
