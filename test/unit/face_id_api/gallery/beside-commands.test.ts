import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFaceIdClient } from '../../../../face_id_api/client/index.ts';
import { retentionConfig } from '../../../../face_id_api/config.ts';
import { createGalleryCommand } from '../../../../face_id_api/gallery/gallery-command.ts';
import type { OpenedEngine } from '../../../../face_id_api/reembed/open-engine.ts';
import type { Store } from '../../../../face_id_api/store/store.ts';
import { createEmbedder } from '../../../../face_id_api/triton-embedder.ts';
import { base64, fakeDeps, fakeFinder, fakeTriton, photo } from '../../../api/face_id_api/fake-deps.ts';
import { startApi } from '../../../api/face_id_api/start-api.ts';
import { nextCard, noProgress, oldCard } from '../reembed/next-model.ts';
import { torchTensor } from './torch-tensor.ts';

const oldModel = { name: oldCard.name, fingerprint: oldCard.fingerprint, dimension: 8 };

/** The same face in a file of its own. */
const copy = (n: number, who: number): Buffer => Buffer.concat([photo(who), Buffer.alloc(n, ' ')]);

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'face-id-beside-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Six people with two photos each in the API's store, and the command over it: in the store itself, and by `--url`. */
async function start() {
  const api = await startApi();
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => api.app.server.closeAllConnections());
  const folder = await newFolder();
  for (let who = 0; who < 6; who++) {
    for (const n of [0, 1]) {
      await writeFile(path.join(folder, `${who}-${n}.jpg`), copy(n, who));
      await api.generate({ id: who, images: [{ image: base64(copy(n, who)) }] }, '?mode=append');
    }
  }
  return { ...api, ...setUp(api.deps.store), url, folder, report: path.join(folder, 'report.json') };
}

function setUp(store: Store, other: Store = store) {
  const lines: string[] = [];
  const client = fakeTriton();
  const engine: OpenedEngine = {
    finder: fakeFinder(),
    client,
    embedder: createEmbedder({ client, card: nextCard }),
    embedderModel: { dir: '/none' },
  };
  const asked: (string | undefined)[] = [];
  const run = (...args: string[]) =>
    createGalleryCommand({
      withStore: (work, config) => {
        const opened = config === undefined ? store : other;
        return work(opened, oldModel, { store: opened, audit: null, retention: retentionConfig.parse({}) });
      },
      dataDir: async () => '',
      withApi: async () => {},
      withEngine: (model, work) => {
        asked.push(model);
        return work(engine);
      },
      connect: (url, gallery) => createFaceIdClient({ url, gallery }),
      progress: () => noProgress,
      input: Readable.from([]),
      output: new Writable(),
      print: line => lines.push(line),
      concurrency: 2,
      signal: new AbortController().signal,
    }).parseAsync(args, { from: 'user' });
  return { run, lines, asked };
}

describe('gallery reembed, switch and drop-beside', () => {
  it.each(['the store itself', 'a service that goes on'])('change the model, and back, over %s', async over => {
    const { run, lines, asked, deps, infer, url, folder, report } = await start();
    const where = over === 'the store itself' ? [] : ['--url', url];
    const { store } = deps;
    await run('reembed', '--images', folder, '--model', 'next_embedder', '--report', report, ...where);
    expect(asked).toEqual(['next_embedder']);
    expect(lines[0]).toMatch(
      /^12 of 12 templates of 6 identities are carried over from fake_embedder to next_embedder/,
    );
    expect(lines.join('\n')).toMatch(
      /The new model is no different[\s\S]*not at hand[\s\S]*Next: .*switch, then models\.embedder/,
    );
    expect((await infer(photo(2))).json().faces[0].id).toBe(2);

    lines.length = 0;
    await run('switch', ...where);
    expect(lines.at(-1)).toMatch(
      /'default' holds vectors of next_embedder now, and 'default--beside' those of fake_embedder/,
    );
    expect(await store.gallery('default').describe()).toMatchObject({
      model: { name: 'next_embedder' },
      templates: 12,
    });
    await run('switch', ...where);
    expect((await infer(photo(2))).json().faces[0].id).toBe(2);

    await run('drop-beside', ...where);
    expect(lines.at(-1)).toBe("Erased gallery 'default--beside': 6 identities, 12 templates.");
    expect((await store.listGalleries()).map(({ name }) => name)).toEqual(['default']);
    for (const what of ['switch', 'drop-beside']) {
      await expect(run(what, ...where)).rejects.toThrow(/There is no gallery 'default--beside'/);
    }
  });

  it('write what came of it for their owner alone, as JSON, Markdown and a chart', async () => {
    const { run, folder, report } = await start();
    await rm(path.join(folder, '3-1.jpg'));
    await writeFile(report, 'of an earlier run');
    await run('reembed', '--images', folder, '--report', report);
    const written = JSON.parse(await readFile(report, 'utf8'));
    expect(written).toMatchObject({
      ...{ format: 'face-id reembed report', version: 1, gallery: 'default', old_model_at_hand: false },
      templates: { all: 12, carried: 11, lost: { NO_PHOTO: 1 } },
      lost_identities: [],
      lost_templates: [{ identity: 3, reason: 'NO_PHOTO' }],
      comparison: { verdict: 'no different' },
    });
    const stem = report.replace('.json', '');
    expect(await readFile(`${stem}.md`, 'utf8')).toMatch(
      /^# fake_embedder to next_embedder\n[\s\S]*\(report\.svg\)\n$/,
    );
    expect(await readFile(`${stem}.svg`, 'utf8')).toMatch(/^<svg[\s\S]*next_embedder/);
    for (const ending of ['.json', '.md', '.svg']) expect((await stat(stem + ending)).mode & 0o777).toBe(0o600);
  });

  it('look at where the report goes before any photo is, and leave what is there', async () => {
    const { run, asked, folder, report } = await start();
    const stem = report.replace('.json', '');
    await mkdir(`${stem}.svg`);
    await writeFile(report, 'of an earlier run');
    for (const [at, named] of [
      [path.join(folder, 'none/report.json'), 'none/report.json'],
      [report, 'report.svg'],
    ] as const) {
      await expect(run('reembed', '--images', folder, '--report', at)).rejects.toMatchObject({
        name: 'GalleryError',
        message: expect.stringContaining(`${named}: expected a file that can be written`),
      });
    }
    expect(asked).toEqual([]);
    expect(await readFile(report, 'utf8')).toBe('of an earlier run');
    await expect(stat(`${stem}.md`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('go no further where somebody would be lost, or has changed since, unless they are forced', async () => {
    const { run, folder, report, enrol, deps } = await start();
    for (const n of [0, 1]) await rm(path.join(folder, `4-${n}.jpg`));
    await expect(run('reembed', '--images', folder, '--report', report)).rejects.toThrow(
      /1 identities would not be recognised/,
    );
    await expect(run('switch')).rejects.toMatchObject({
      name: 'GalleryError',
      message: expect.stringMatching(/1 have no template in it/),
    });
    for (const n of [0, 1]) await writeFile(path.join(folder, `4-${n}.jpg`), copy(n, 4));
    await run('reembed', '--images', folder, '--report', report);
    await enrol('late', 7);
    await expect(run('switch')).rejects.toThrow(/1 identities are not in it.*Run .*reembed.* again/);
    await run('switch', '--force');
    expect(await deps.store.gallery('default').get('late')).toBeNull();
    expect(await deps.store.gallery('default--beside').get('late')).toMatchObject({ templates: 1 });
  });

  it('take no folder without photos, no engine that is not there, and no name of their own by hand', async () => {
    const { run, folder, deps } = await start();
    await expect(run('reembed', '--images', path.join(folder, 'none'))).rejects.toMatchObject({ code: 'NO_FILE' });
    await expect(run('import', '--gallery', 'staff--beside')).rejects.toThrow(/made by gallery reembed alone/);
    expect((await deps.store.listGalleries()).map(({ name }) => name)).toEqual(['default']);
  });
});

describe('a gallery of another model, on the command line', () => {
  it('is not written over by a copy', async () => {
    const [{ store }, { store: other }] = [fakeDeps(), fakeDeps({ card: nextCard })];
    const template = { vector: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0), sourceSha256: 'x', detector: 'mtcnn' };
    for (const each of [store, other]) {
      onTestFinished(() => each.close());
      await each.gallery('default').put({ id: 'ada', mode: 'append', templates: [template] });
    }
    const { run } = setUp(store, other);
    await expect(run('copy', '--to', 'other.yaml')).rejects.toThrow(/with another model's templates/);
  });

  it('takes neither archives nor tensors of the configured one, and says what to do', async () => {
    const { store } = fakeDeps({ card: nextCard });
    onTestFinished(() => store.close());
    const template = { vector: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0), sourceSha256: 'x', detector: 'mtcnn' };
    await store.gallery('default').put({ id: 'ada', mode: 'append', templates: [template] });
    const { run } = setUp(store);
    const folder = await newFolder();
    await writeFile(path.join(folder, '1.pt'), torchTensor([1, 0, 0, 0, 0, 0, 0, 0]));
    const tensors = run('import', '--pt-emb', folder, '--model', oldModel.name);
    await expect(tensors).rejects.toThrow(/takes templates of model 'next_embedder'.*changing-the-model/);
    const archive = path.join(folder, 'old.ndjson');
    const header = { format: 'face-id gallery', version: 1, gallery: 'default', kind: 'face', model: oldModel };
    await writeFile(archive, `${JSON.stringify({ ...header, exported_at: '2026-01-01T00:00:00.000Z' })}\n`);
    await expect(run('import', archive)).rejects.toThrow(/vectors of model 'fake_embedder'.*those of 'next_embedder'/);
  });
});
