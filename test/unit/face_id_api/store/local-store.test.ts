import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StartError } from '../../../../face_id_api/start-error.ts';
import { createLocalStore } from '../../../../face_id_api/store/local-store.ts';
import { migrations } from '../../../../face_id_api/store/migrations.ts';
import { translateSqliteError } from '../../../../face_id_api/store/sqlite-error.ts';
import type { GalleryModel, Store } from '../../../../face_id_api/store/store.ts';

const model: GalleryModel = { name: 'embedder', fingerprint: 'fp-1', dimension: 4 };
const vector = Float32Array.of(0.5, 0.5, 0.5, 0.5);
const other = Float32Array.of(1, 0, 0, 0);
const person = (id: string | number) =>
  ({ id, mode: 'replace', templates: [{ vector, sourceSha256: 'ab', detector: 'mtcnn' }] }) as const;

function newDir(): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'face-id-store-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return path.join(dir, 'data');
}

function open(dataDir: string): Store {
  const store = createLocalStore({ dataDir, model });
  onTestFinished(() => store.close());
  return store;
}

/** A child that runs `script` with `createLocalStore`, `model` and `dataDir` at hand. */
function script(dataDir: string, body: string): string {
  const store = new URL('../../../../face_id_api/store/local-store.ts', import.meta.url).href;
  return `import { createLocalStore } from ${JSON.stringify(store)};
    const dataDir = ${JSON.stringify(dataDir)};
    const model = ${JSON.stringify(model)};
    ${body}`;
}

describe('the files of the local store', () => {
  it('are for their owner alone', async () => {
    const dataDir = newDir();
    await open(dataDir).gallery('default').put(person('a'));
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    const files = readdirSync(dataDir);
    expect(files.sort()).toEqual(['faces.db', 'faces.db-wal']);
    for (const file of files) expect(statSync(path.join(dataDir, file)).mode & 0o777).toBe(0o600);
  });

  it('hold no byte of a person after they were removed', async () => {
    const dataDir = newDir();
    const store = open(dataDir);
    await store.gallery('default').put(person('ada-lovelace'));
    const bytes = Buffer.from(vector.buffer);
    const everything = () => Buffer.concat(readdirSync(dataDir).map(file => readFileSync(path.join(dataDir, file))));
    expect(everything().includes(bytes)).toBe(true);
    await store.gallery('default').remove('ada-lovelace');
    expect(everything().includes(bytes)).toBe(false);
    expect(everything().includes('ada-lovelace')).toBe(false);
  });

  it('hold no byte of a face that was taught after it was erased, nor of one that is past its term', async () => {
    const dataDir = newDir();
    const gallery = open(dataDir).gallery('default');
    await gallery.put({ ...person('ada'), templates: [{ vector: other, sourceSha256: 'cd', detector: 'mtcnn' }] });
    const bytes = Buffer.from(vector.buffer);
    const isKept = () => readdirSync(dataDir).some(file => readFileSync(path.join(dataDir, file)).includes(bytes));
    const face = { vector, sourceSha256: 'ab', detector: 'mtcnn' };
    const unknown = { vector, detector: 'mtcnn', seen: '2026-03-01T00:00:00.000Z' };
    const seenBefore = '2026-03-02T00:00:00.000Z';
    const reject = async () => (await gallery.reject('ada', [face]))[0]!.id;
    for (const [what, teach, erase] of [
      ['rejection', reject, (id: string) => gallery.removeRejection('ada', id)],
      ['unknown', () => gallery.keepUnknowns([unknown], 10), () => gallery.removeUnknowns({ seenBefore })],
      ['identity', reject, () => gallery.remove('ada')],
      ['gallery', () => gallery.keepUnknowns([unknown], 10), () => gallery.removeAll()],
    ] as const) {
      const id = await teach();
      expect(isKept(), what).toBe(true);
      await erase(id ?? '');
      expect(isKept(), what).toBe(false);
    }
  });

  it('of the first release are brought to the newest schema with everybody in them', async () => {
    const dataDir = newDir();
    mkdirSync(dataDir);
    const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
    database.exec(`${migrations[0]}; PRAGMA user_version = 1;
      INSERT INTO gallery VALUES (1, 'default', 'embedder', 'fp-1', 4, '2026-01-01T00:00:00.000Z');
      INSERT INTO identity VALUES (1, 1, 'ada', '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'), (2, 1, 7, 'c', 'u');`);
    const add = database.prepare("INSERT INTO template VALUES (?, ?, ?, 'ab', 'mtcnn', '2026-01-01T00:00:00.000Z')");
    const [x, y] = [Float32Array.of(1, 0, 0, 0), Float32Array.of(0, 1, 0, 0)];
    add.run('t1', 1, new Uint8Array(x.buffer));
    add.run('t2', 1, new Uint8Array(y.buffer));
    add.run('t3', 2, new Uint8Array(y.buffer));
    database.close();

    const store = open(dataDir);
    const gallery = store.gallery('default');
    expect(await gallery.describe()).toMatchObject({ kind: 'face', model, identities: 2, templates: 3 });
    const created = '2026-01-01T00:00:00.000Z';
    expect(await gallery.get('ada')).toEqual({
      id: 'ada',
      name: null,
      metadata: {},
      consent: null,
      templates: 2,
      created,
      updated: '2026-01-02T00:00:00.000Z',
      seen: null,
    });
    expect((await gallery.listTemplates('ada')).map(({ id }) => id)).toEqual(['t1', 't2']);
    const options = { topK: 2, by: 'person', signal: new AbortController().signal } as const;
    const [found] = await gallery.search([x], options);
    expect(found?.map(({ id, score }) => [id, score.toFixed(4)])).toEqual([
      ['ada', '0.7071'],
      [7, '0.0000'],
    ]);
    await store.close();
    const again = new DatabaseSync(path.join(dataDir, 'faces.db'));
    expect(again.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    again.close();
  });

  it('carry a schema version', async () => {
    const dataDir = newDir();
    await open(dataDir).close();
    const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
    expect(database.prepare('PRAGMA user_version').get()?.user_version).toBe(migrations.length);
    database.close();
  });
});

describe('opening the local store', () => {
  it('is refused to a second store of the same process', () => {
    const dataDir = newDir();
    open(dataDir);
    expect(() => createLocalStore({ dataDir, model })).toThrow(/in use by another process: stop that one/);
  });

  it('is refused to a second process, naming the folder, and allowed once the first was killed', async () => {
    const dataDir = newDir();
    const hold = script(
      dataDir,
      `createLocalStore({ dataDir, model }); console.log('open'); setInterval(() => {}, 1e6);`,
    );
    const holder = spawn(process.execPath, ['--input-type=module', '-e', hold], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    expect(() => createLocalStore({ dataDir, model })).toThrow(StartError);
    expect(() => createLocalStore({ dataDir, model })).toThrow(dataDir);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await open(dataDir).ready()).toEqual({ ok: true });
  });

  it.each([
    ['that is no database', (file: string) => writeFileSync(file, 'not a database '.repeat(1000))],
    [
      'with a page overwritten',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes.fill(0x5a, 4096, 4096 * 3);
        writeFileSync(file, bytes);
      },
    ],
  ])('fails for a file %s, saying what to do', async (_, harm) => {
    const dataDir = newDir();
    await open(dataDir).close();
    harm(path.join(dataDir, 'faces.db'));
    expect(() => createLocalStore({ dataDir, model })).toThrow(/faces\.db is damaged .*: restore it from a backup/);
  });

  it('fails for a newer schema and leaves it as it is', async () => {
    const dataDir = newDir();
    await open(dataDir).close();
    const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => createLocalStore({ dataDir, model })).toThrow(/expected schema version \d+ or lower, got 99/);
  });

  it('fails in words where the folder cannot be made', () => {
    const dataDir = newDir();
    writeFileSync(dataDir, 'a file');
    expect(() => createLocalStore({ dataDir, model })).toThrow(/cannot be opened: EEXIST/);
  });

  it('frees the folder again when it fails', async () => {
    const dataDir = newDir();
    await open(dataDir).close();
    const file = path.join(dataDir, 'faces.db');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => createLocalStore({ dataDir, model })).toThrow(StartError);
    const again = new DatabaseSync(file);
    again.exec(`PRAGMA user_version = ${migrations.length}`);
    again.close();
    expect(await open(dataDir).ready()).toEqual({ ok: true });
  });
});

describe('a medium that fails', () => {
  it('rejects with STORAGE_FAILED, keeps nothing of the write, and goes on with what was there', () => {
    const dataDir = newDir();
    // A file-size limit of the kernel stands for a full disk.
    const body = script(
      dataDir,
      `process.on('SIGXFSZ', () => {});
      const store = createLocalStore({ dataDir, model });
      const vector = Float32Array.of(1, 0, 0, 0);
      const template = { vector, sourceSha256: 'x'.repeat(500), detector: 'mtcnn' };
      const ids = [];
      let failure = null;
      for (let i = 0; failure === null && i < 5000; i++) {
        await store.gallery('default').put({ id: i, mode: 'replace', templates: Array(20).fill(template) }).then(() => ids.push(i), error => { failure = error; });
      }
      const { identities } = await store.gallery('default').list({ limit: 10000, after: null });
      const found = await store.gallery('default').search([vector], { topK: 10000, signal: new AbortController().signal });
      console.log(JSON.stringify({ code: failure?.code, put: ids.length, listed: identities.length, found: found[0].length,
        whole: identities.every(({ templates }) => templates === 20) }));`,
    );
    const child = spawnSync(
      'bash',
      ['-c', 'ulimit -f 400; exec "$0" --input-type=module -e "$1"', process.execPath, body],
      { encoding: 'utf8' },
    );
    expect(child.stderr).toBe('');
    const result = JSON.parse(child.stdout);
    expect(result).toMatchObject({ code: 'STORAGE_FAILED', whole: true });
    expect(result.put).toBeGreaterThan(0);
    expect([result.listed, result.found]).toEqual([result.put, result.put]);
  });

  it('is told apart from other errors', () => {
    const full = new DatabaseSync(':memory:');
    full.exec('CREATE TABLE t (x); PRAGMA max_page_count = 3');
    expect(translated(() => full.exec('INSERT INTO t VALUES (randomblob(50000))'))).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(/the disk is full/),
    });
    const file = path.join(newDir(), '..', 'ro.db');
    new DatabaseSync(file).close();
    const readOnly = new DatabaseSync(file, { readOnly: true });
    expect(translated(() => readOnly.exec('CREATE TABLE t (x)'))).toMatchObject({ code: 'STORAGE_FAILED' });
    const wrong = translated(() => full.exec('SELECT nonsense FROM nowhere'));
    expect(wrong).not.toHaveProperty('code', 'STORAGE_FAILED');
    full.close();
    readOnly.close();
  });

  function translated(work: () => void): unknown {
    try {
      work();
    } catch (error) {
      return translateSqliteError(error);
    }
    throw new Error('nothing failed');
  }
});

it('leaves the permissions of a folder that was there', () => {
  const dataDir = newDir();
  const parent = path.dirname(dataDir);
  chmodSync(parent, 0o755);
  open(parent);
  expect(statSync(parent).mode & 0o777).toBe(0o755);
});
