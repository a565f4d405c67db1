import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAudit } from '../../../../face_id_api/audit/audit.ts';
import { createFaceIdClient } from '../../../../face_id_api/client/index.ts';
import { retentionConfig } from '../../../../face_id_api/config.ts';
import { createGalleryCommand } from '../../../../face_id_api/gallery/gallery-command.ts';
import { createLocalStore } from '../../../../face_id_api/store/local-store.ts';
import type { GalleryModel, Store } from '../../../../face_id_api/store/store.ts';
import { brokenPhoto, photo, vectorOf } from '../../../api/face_id_api/fake-deps.ts';
import { startApi } from '../../../api/face_id_api/start-api.ts';
import { torchTensor } from './torch-tensor.ts';

const model: GalleryModel = { name: 'fake_embedder', fingerprint: 'fp-fake', dimension: 8 };

const consent = { purpose: 'door', given: '2026-01-01T00:00:00.000Z', expires: null };

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'face-id-gallery-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function newStore(): Store {
  const store = createLocalStore({ dataDir: ':memory:', model });
  onTestFinished(() => store.close());
  return store;
}

/** The command over stores in memory (by the name of their configuration) and an API that is running. */
function setUp(
  stores: Record<string, Store>,
  apiUrl = '',
  { retention = retentionConfig.parse({}), dataDir = '', open = async (): Promise<void> => {} } = {},
) {
  const lines: string[] = [];
  const written: Buffer[] = [];
  const counted = { total: 0, done: 0 };
  const run = (args: string[], input = '') =>
    createGalleryCommand({
      withStore: async (work, config = 'configured') => {
        await open();
        const store = stores[config] as Store;
        return work(store, model, { store, audit: null, retention });
      },
      dataDir: async () => dataDir,
      withApi: async work => {
        await open();
        await work(apiUrl, '');
      },
      withEngine: async () => {},
      connect: (url, gallery) => createFaceIdClient({ url, gallery }),
      progress: () => ({
        start: total => Object.assign(counted, { total, done: 0 }),
        step: () => Object.assign(counted, { done: counted.done + 1 }),
        done: () => {},
      }),
      input: Readable.from([Buffer.from(input)]),
      output: new Writable({
        write(chunk, _encoding, done) {
          written.push(chunk);
          done();
        },
      }),
      print: line => lines.push(line),
      concurrency: 2,
      signal: new AbortController().signal,
    }).parseAsync(args, { from: 'user' });
  return { run, lines, counted, written: () => Buffer.concat(written).toString() };
}

const enrol = (store: Store, id: string, ...who: number[]) =>
  store.gallery('default').put({
    id,
    mode: 'append',
    templates: who.map(one => ({ vector: vectorOf(one), sourceSha256: 'x', detector: 'mtcnn' })),
  });
const everybody = (store: Store, gallery = 'default') => Array.fromAsync(store.gallery(gallery).export());

describe('gallery export and import', () => {
  it('write an archive and read it into another gallery, which is made', async () => {
    const store = newStore();
    await enrol(store, 'ada', 1, 2);
    const { run, written, lines } = setUp({ configured: store });
    await run(['export']);
    const other = newStore();
    await setUp({ configured: other }).run(['import', '--gallery', 'staff'], written());
    expect(await everybody(other, 'staff')).toEqual(await everybody(store));
    expect(lines).toEqual([]);
  });

  it('go by way of files, for their owner alone', async () => {
    const [store, other] = [newStore(), newStore()];
    await enrol(store, 'ada', 1);
    const file = path.join(await newFolder(), 'archive.ndjson');
    await setUp({ configured: store }).run(['export', '--out', file]);
    const { run, lines } = setUp({ configured: other });
    await run(['import', file]);
    expect(await everybody(other)).toEqual(await everybody(store));
    expect(lines).toEqual(['Imported 1 identities, 1 templates; 0 lines were refused.']);
  });

  it('name a file that cannot be read or written, and make no gallery for it', async () => {
    const store = newStore();
    await enrol(store, 'ada', 1);
    const { run } = setUp({ configured: store });
    for (const asked of [[], ['--url', 'http://127.0.0.1:9']]) {
      const into = ['--gallery', 'staff', ...asked];
      await expect(run(['import', '/nope', ...into])).rejects.toMatchObject({ code: 'ENOENT', path: '/nope' });
      await expect(run(['import', tmpdir(), ...into])).rejects.toThrow(
        `${tmpdir()}: expected an archive, got a folder`,
      );
    }
    expect((await store.listGalleries()).map(({ name }) => name)).toEqual(['default']);
    await expect(run(['export', '--out', '/nope/x'])).rejects.toThrow(
      '--out /nope/x: expected a file that can be written: no such file or folder',
    );
    if (process.platform !== 'linux') return;
    await expect(run(['export', '--out', '/dev/full'])).rejects.toMatchObject({ code: 'ENOSPC', path: '/dev/full' });
  });

  it('ask a service that runs, with --url', async () => {
    const { app, deps } = await startApi();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => app.server.closeAllConnections());
    await enrol(deps.store, 'ada', 1, 2);
    const { run, written, lines } = setUp({});
    await run(['export', '--url', url]);
    expect(written()).toMatch(/^\{"format":"face-id gallery".*\n\{"id":"ada".*\n\{"end":.*\n$/);
    const other = setUp({});
    await other.run(['import', '--gallery', 'staff', '--url', url], written());
    expect(other.lines).toEqual(['Imported 1 identities, 2 templates; 0 lines were refused.']);
    expect(await everybody(deps.store, 'staff')).toEqual(await everybody(deps.store));
    const cut = written().split('\n').slice(0, 2).join('\n');
    await expect(run(['import', '--url', url], cut)).rejects.toThrow(/Not everything/);
    expect(lines.at(-1)).toMatch(/^The archive was cut off/);
    await expect(run(['export', '--gallery', 'none', '--url', url])).rejects.toMatchObject({
      code: 'GALLERY_NOT_FOUND',
    });
    await expect(run(['import', '--pt-emb', '.', '--url', url])).rejects.toMatchObject({ name: 'GalleryError' });
  });

  it('look at where an archive goes before anything is read, and leave what is there', async () => {
    const store = newStore();
    const folder = await newFolder();
    const { run } = setUp({ configured: store });
    for (const out of [path.join(folder, 'none/a.ndjson'), folder]) {
      await expect(run(['export', '--gallery', 'none', '--out', out])).rejects.toThrow(/^--out .*expected a file that/);
    }
    const out = path.join(folder, 'archive.ndjson');
    await writeFile(out, 'of an earlier run');
    await expect(run(['export', '--gallery', 'none', '--out', out])).rejects.toThrow(/no gallery/);
    expect(await readFile(out, 'utf8')).toBe('of an earlier run');
  });

  it('fail for an archive that was cut off, and say what a store refuses', async () => {
    const store = newStore();
    await enrol(store, 'ada', 1);
    const { run, written, lines } = setUp({ configured: store });
    await run(['export']);
    const cut = written().split('\n').slice(0, 2).join('\n');
    await expect(setUp({ configured: newStore() }).run(['import'], cut)).rejects.toThrow(/Not everything/);
    await expect(run(['export', '--gallery', 'none'])).rejects.toMatchObject({ name: 'GalleryError' });
    expect(lines).toEqual([]);
  });
});

describe('gallery copy', () => {
  it('brings every gallery into the other store', async () => {
    const [from, to] = [newStore(), newStore()];
    await enrol(from, 'ada', 1, 2);
    await from.createGallery({ name: 'staff', kind: 'face', model });
    const { run, lines } = setUp({ configured: from, 'other.yaml': to });
    await run(['copy', '--to', 'other.yaml']);
    expect(await everybody(to)).toEqual(await everybody(from));
    expect((await to.listGalleries()).map(({ name }) => name)).toEqual(['default', 'staff']);
    expect(lines).toEqual(['Copied 2 galleries: 1 identities, 2 templates.']);
  });
});

describe('gallery import --pt-emb', () => {
  it('takes one tensor per person, scaled to length 1, and names the files that are none', async () => {
    const folder = await newFolder();
    await writeFile(path.join(folder, '2576.pt'), torchTensor([0, 3, 0, 0, 0, 0, 0, 4]));
    await writeFile(path.join(folder, 'ada.pt'), torchTensor([...vectorOf(5)]));
    await writeFile(path.join(folder, 'short.pt'), torchTensor([1, 0]));
    await writeFile(path.join(folder, 'broken.pt'), 'no tensor');
    await writeFile(path.join(folder, 'readme.txt'), 'nothing');
    const store = newStore();
    const { run, lines } = setUp({ configured: store });
    await expect(run(['import', '--pt-emb', folder, '--model', model.name])).rejects.toThrow(/Not everything/);
    const [first, second] = await everybody(store);
    expect([first?.id, second?.id]).toEqual([2576, 'ada']);
    expect([...(first?.templates[0]?.vector ?? [])]).toEqual([0, Math.fround(0.6), 0, 0, 0, 0, 0, Math.fround(0.8)]);
    expect(lines.join('\n')).toMatch(/broken\.pt: .*\n.*short\.pt: expected a tensor of 8 values, got shape \[2\]/);
    expect(lines.at(-1)).toBe('Imported 2 identities; 2 files were refused.');
  });

  it('wants the model that made them to be the configured one', async () => {
    const { run } = setUp({ configured: newStore() });
    await expect(run(['import', '--pt-emb', '.', '--model', 'facenet'])).rejects.toThrow(
      /expected fake_embedder.*got facenet/,
    );
  });
});

describe('gallery enrol-folder and enrol-csv', () => {
  async function start() {
    const api = await startApi();
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    const address = api.app.server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const folder = await newFolder();
    const report = path.join(folder, 'refused.csv');
    const command = setUp({}, `http://127.0.0.1:${port}`);
    const file = async (name: string, bytes: Buffer): Promise<void> => {
      await mkdir(path.dirname(path.join(folder, 'photos', name)), { recursive: true });
      await writeFile(path.join(folder, 'photos', name), bytes);
    };
    const get = async (url: string) => (await api.app.inject(url)).json();
    return { ...api, ...command, folder, photos: path.join(folder, 'photos'), report, file, get };
  }

  it('enrol a folder per person, report what was refused, and go on where they stopped', async () => {
    const { run, lines, counted, photos, report, file, get } = await start();
    for (let i = 0; i < 10; i++) await file(`2576/${i}.jpg`, Buffer.concat([photo(1), Buffer.alloc(i, ' ')]));
    await file('ada/one.jpg', photo(2));
    await file('ada/bad.jpg', brokenPhoto('UNREADABLE'));
    await file('eve/none, "none".jpg', photo());
    await run(['enrol-folder', photos, '--report', report]);
    expect(await get('/identities/2576')).toMatchObject({ id: 2576, templates: 10 });
    expect(await get('/identities/ada')).toMatchObject({ templates: 1 });
    expect(await get('/identities/eve')).toMatchObject({ code: 'UNKNOWN_ID' });
    expect(counted).toEqual({ total: 13, done: 13 });
    expect(lines[0]).toBe('Enrolled 11 photos of 3 people; 0 were enrolled already.');
    const rows = (await readFile(report, 'utf8')).trimEnd().split('\n');
    expect(rows[0]).toBe('path,code,reason');
    expect(rows[1]).toMatch(/bad\.jpg,UNREADABLE,/);
    expect(rows[2]).toMatch(/^".*none, ""none""\.jpg",NO_FACE,/);

    await file('ada/two.jpg', photo(2, 3));
    await run(['enrol-folder', photos, '--report', report]);
    expect(lines).toContain('Enrolled 1 photos of 3 people; 11 were enrolled already.');
    expect(await get('/identities/2576')).toMatchObject({ templates: 10 });
    expect(await get('/identities/ada')).toMatchObject({ templates: 2 });
  });

  it('enrol from a list, with names; rows of one person may stand apart', async () => {
    const { run, folder, report, file, get } = await start();
    await file('a.jpg', photo(1));
    await file('b.jpg', photo(2));
    await file('c.jpg', photo(3));
    const list = path.join(folder, 'list.csv');
    await writeFile(
      list,
      '\ufeffid,path,name\r\nada,photos/a.jpg,"Lovelace, Ada"\r\n7,photos/b.jpg,\r\n\r\nada,photos/c.jpg,\r\n8,photos/none.jpg,',
    );
    await run(['enrol-csv', list, '--report', report]);
    expect(await get('/identities/ada')).toMatchObject({ name: 'Lovelace, Ada', templates: 2 });
    expect(await get('/identities/7')).toMatchObject({ id: 7, name: null, templates: 1 });
    expect(await readFile(report, 'utf8')).toMatch(/none\.jpg,NO_FILE,/);
  });

  it.each([
    ['without the columns', 'a,b\n1,2\n', /first row with the columns path and id/],
    ['with an open quote', 'path,id\n"a,1\n', /line 2: expected quotes/],
    ['with a row that is too short', 'path,id\na\n', /row 2: expected 2 columns, got 1/],
    ['with an id that is none', 'path,id\na,b c\n', /row 2: expected an id/],
    ['with an integer that is too large', 'path,id\na,9007199254740993\n', /row 2: integers end at 9007199254740991/],
  ])('refuse a list %s', async (_, text, message) => {
    const { run, folder } = await start();
    await writeFile(path.join(folder, 'list.csv'), text);
    await expect(run(['enrol-csv', path.join(folder, 'list.csv')])).rejects.toThrow(message);
  });

  it('look at where their lists go before anybody is enrolled, and leave no empty ones', async () => {
    const { run, folder, photos, report, file, get } = await start();
    await file('ada/one.jpg', photo(1));
    const nowhere = path.join(folder, 'none/list.csv');
    for (const option of ['--report', '--warnings']) {
      await expect(run(['enrol-folder', photos, '--report', report, option, nowhere])).rejects.toThrow(
        new RegExp(`^${option} .*list\\.csv: expected a file that can be written: no such file or folder`),
      );
    }
    expect(await get('/identities/ada')).toMatchObject({ code: 'UNKNOWN_ID' });
    await run(['enrol-folder', photos, '--report', report, '--warnings', path.join(folder, 'warnings.csv')]);
    expect(await readdir(folder)).toEqual(['photos']);
  });

  it('say in words that nothing answers, or what the service refuses', async () => {
    const { run, photos, file } = await start();
    await file('ada/one.jpg', photo(1));
    const nowhere = ['--url', 'http://127.0.0.1:9'];
    await expect(run(['enrol-folder', photos, ...nowhere])).rejects.toThrow(/does not answer/);
    await expect(run(['enrol-folder', photos, '--gallery', 'none'])).rejects.toThrow(/There is no gallery/);
    await expect(run(['enrol-folder', path.join(photos, 'none')])).rejects.toThrow(/expected a folder/);
  });
});

describe('gallery import where a consent is required', () => {
  it('leaves out who has none that holds, and tensors, which bring none', async () => {
    const store = newStore();
    await enrol(store, 'ada', 1);
    await enrol(store, 'bob', 2);
    await store.gallery('default').update('bob', { consent });
    const { run, written } = setUp({ configured: store });
    await run(['export']);
    const other = newStore();
    const retention = retentionConfig.parse({ require_consent: true });
    const strict = setUp({ configured: other }, '', { retention });
    await expect(strict.run(['import'], written())).rejects.toThrow(/Not everything/);
    expect(strict.lines).toContain('line 2: CONSENT_REQUIRED: Enrolment wants a consent that holds, and there is none');
    expect((await everybody(other)).map(({ id }) => id)).toEqual(['bob']);
    await expect(strict.run(['import', '--pt-emb', '.', '--model', model.name])).rejects.toThrow(/bring no consent/);
  });
});

describe('gallery sweep', () => {
  const expired = { ...consent, expires: '2026-01-02T00:00:00.000Z' };

  async function galleryOfThree(): Promise<Store> {
    const store = newStore();
    for (const [i, id] of ['ada', 'bob', 'cy'].entries()) await enrol(store, id, i);
    for (const id of ['ada', 'cy']) await store.gallery('default').update(id, { consent: expired });
    return store;
  }

  it('lists who is due, and erases them with --apply and with receipts', async () => {
    const store = await galleryOfThree();
    const { run, lines } = setUp({ configured: store });
    await run(['sweep']);
    const due = ['ada  consent_expired', 'cy  consent_expired'];
    expect(lines.splice(0)).toEqual([...due, '2 due; nothing was erased. --apply erases them.']);
    expect(await everybody(store)).toHaveLength(3);
    const file = path.join(await newFolder(), 'receipts.ndjson');
    await run(['sweep', '--apply', '--receipts', file]);
    expect(lines.splice(0)).toEqual([...due, 'Erased 2 identities.']);
    const receipts = (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(receipts).toMatchObject([
      { subject: 'identity', identities: 1 },
      { subject: 'identity', identities: 1 },
    ]);
    expect((await everybody(store)).map(({ id }) => id)).toEqual(['bob']);
    await run(['sweep']);
    expect(lines).toEqual(['Nobody is due.']);
  });

  it('asks a service that runs, as often as it takes', async () => {
    const { app, deps } = await startApi();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => app.server.closeAllConnections());
    for (let i = 0; i < 120; i++) {
      await enrol(deps.store, `p${i}`, i);
      await deps.store.gallery('default').update(`p${i}`, { consent: expired });
    }
    await enrol(deps.store, 'stays', 1);
    const { run, lines } = setUp({});
    await run(['sweep', '--url', url]);
    expect(lines.slice(-2)).toEqual(['… and 20 more.', '120 due; nothing was erased. --apply erases them.']);
    await run(['sweep', '--url', url, '--apply']);
    expect(lines.at(-1)).toBe('Erased 120 identities.');
    expect((await everybody(deps.store)).map(({ id }) => id)).toEqual(['stays']);
  });
});

describe('gallery subject', () => {
  it('writes what is kept about somebody, from the store and from a service', async () => {
    const { app, deps } = await startApi();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => app.server.closeAllConnections());
    await enrol(deps.store, 'ada', 1, 2);
    const local = setUp({ configured: deps.store });
    await local.run(['subject', 'ada']);
    const out = path.join(await newFolder(), 'ada.json');
    await setUp({}).run(['subject', 'ada', '--url', url, '--out', out]);
    const { exported_at: _, ...found } = JSON.parse(local.written());
    expect(found).toMatchObject({ id: 'ada', kept: { identity: [{ id: 'ada', templates: [{}, {}] }], audit: [] } });
    expect(JSON.parse(await readFile(out, 'utf8'))).toMatchObject(found);
    await expect(local.run(['subject', 'eve'])).rejects.toThrow(/Nobody is enrolled/);
    const nowhere = path.join(path.dirname(out), 'none/eve.json');
    for (const where of [[], ['--url', url]]) {
      await expect(local.run(['subject', 'eve', '--out', nowhere, ...where])).rejects.toThrow(
        /^--out .*can be written/,
      );
    }
  });
});

describe('gallery commands while a service has the store', () => {
  it.each([
    [['export'], true],
    [['import'], true],
    [['sweep'], true],
    [['subject', 'ada'], true],
    [['duplicates'], true],
    [['enrol-folder', '.'], true],
    [['switch'], true],
    [['drop-beside'], true],
    [['import', '--pt-emb', '.', '--model', model.name], false],
    [['copy', '--to', 'other.yaml'], false],
  ])('%s: where it can be asked by --url, that is said (%s)', async (args, hasUrl) => {
    const dataDir = await newFolder();
    const taken = createLocalStore({ dataDir, model });
    onTestFinished(() => taken.close());
    const inUse = async (): Promise<void> => void createLocalStore({ dataDir, model });
    const told = await setUp({}, '', { open: inUse })
      .run(args)
      .catch(error => error);
    expect(['GalleryError', 'StartError']).toContain(told.name);
    expect(told.message).toMatch(/^data_dir .* is in use by another process: stop that one/);
    expect(told.message.endsWith('; where it is the service, --url URL asks it')).toBe(hasUrl);
  });
});

describe('gallery audit', () => {
  it('verifies, shows and says how far the log has come, also while it is written', async () => {
    const dataDir = await newFolder();
    const audit = await openAudit({ dataDir, actor: 'reception' });
    onTestFinished(() => audit.close());
    await audit.note({ action: 'identity.export', gallery: 'default', ids: ['ada'] });
    await audit.note({ action: 'gallery.make', gallery: 'staff', ids: [] });
    const { run, lines } = setUp({}, '', { dataDir });
    await run(['audit', 'head']);
    const [head = ''] = lines.splice(0);
    expect(head).toMatch(/^2:[0-9a-f]{64}$/);
    await run(['audit', 'verify', '--head', head]);
    expect(lines.splice(0)).toEqual([`2 lines in 1 files, each as it was written. Head: ${head}`]);
    await run(['audit', 'show']);
    expect(lines.splice(0)).toMatchObject([
      /^1 .* reception {2}identity\.export {2}default /,
      /^2 .* gallery\.make {2}staff {2}- /,
    ]);
    await run(['audit', 'show', '--subject', 'ada', '--since', '2020-01-01', '--json']);
    expect(lines.splice(0).map(line => JSON.parse(line).seq)).toEqual([1]);
    await run(['audit', 'show', '--since', '2200-01-01']);
    expect(lines).toEqual([]);
    await expect(run(['audit', 'verify', '--head', `9:${head.slice(2)}`])).rejects.toThrow(
      /not as it was written: 1 faults/,
    );
    expect(lines).toEqual([expect.stringMatching(/ends with line 2, the head that was kept names line 9/)]);
  });

  it.each([['verify'], ['show'], ['head']])('%s says that there is no data_dir, and makes none', async what => {
    const dataDir = path.join(await newFolder(), 'elsewhere');
    await expect(setUp({}, '', { dataDir }).run(['audit', what])).rejects.toMatchObject({
      name: 'GalleryError',
      message: `data_dir ${dataDir} does not exist: no audit log was begun there`,
    });
    await expect(stat(dataDir)).rejects.toThrow(/ENOENT/);
  });
});

describe('gallery enrolments with consents', () => {
  it('give one to everybody of a folder, and each of a list its own', async () => {
    const retention = retentionConfig.parse({ require_consent: true });
    const { app, deps } = await startApi({ retention });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => app.server.closeAllConnections());
    const folder = await newFolder();
    await mkdir(path.join(folder, 'people/ann'), { recursive: true });
    await writeFile(path.join(folder, 'people/ann/1.jpg'), photo(1));
    const { run } = setUp({}, url);
    const report = ['--report', path.join(folder, 'refused.csv')];
    const people = path.join(folder, 'people');
    await expect(run(['enrol-folder', people, ...report])).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' });
    const times = ['--consent-given', '2026-01-01', '--consent-expires', '36500d'];
    await run(['enrol-folder', people, ...report, '--consent', 'door', ...times]);
    await writeFile(
      path.join(folder, 'list.csv'),
      'path,id,consent,consent_given,consent_expires\npeople/ann/1.jpg,bob,gate,2026-02-01,\n',
    );
    await run(['enrol-csv', path.join(folder, 'list.csv'), ...report]);
    expect((await everybody(deps.store)).map(({ id, consent }) => [id, consent])).toEqual([
      ['ann', { purpose: 'door', given: '2026-01-01T00:00:00.000Z', expires: '2125-12-08T00:00:00.000Z' }],
      ['bob', { purpose: 'gate', given: '2026-02-01T00:00:00.000Z', expires: null }],
    ]);
    await writeFile(path.join(folder, 'wrong.csv'), 'path,id,consent\npeople/ann/1.jpg,eve,gate\n');
    await expect(run(['enrol-csv', path.join(folder, 'wrong.csv')])).rejects.toThrow(/row 2: expected consent/);
    for (const days of ['2026-02-30,', '2026-02-01,2027-02-30']) {
      await writeFile(
        path.join(folder, 'wrong.csv'),
        `path,id,consent,consent_given,consent_expires\npeople/ann/1.jpg,eve,gate,${days}\n`,
      );
      await expect(run(['enrol-csv', path.join(folder, 'wrong.csv')])).rejects.toThrow(/row 2: .* a day that there is/);
    }
  });
});
