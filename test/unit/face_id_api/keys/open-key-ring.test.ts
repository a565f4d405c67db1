import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { issueKey } from '../../../../face_id_api/keys/issue-key.ts';
import { formatKeyFile } from '../../../../face_id_api/keys/key-file.ts';
import { openKeyRing } from '../../../../face_id_api/keys/open-key-ring.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';

const issue = (name: string) => issueKey({ name, scopes: ['read'], now: new Date(), expires: null });
const plain = 'a-plain-key-of-an-operator';

async function setUp(files: { keys?: string; admin?: string } = {}) {
  const folder = await tempFolder();
  const keysFile = path.join(folder, 'keys.json');
  const adminKeyFile = files.admin === undefined ? null : path.join(folder, 'admin.key');
  if (files.keys !== undefined) await writeFile(keysFile, files.keys);
  if (adminKeyFile !== null) await writeFile(adminKeyFile, files.admin ?? '');
  const errors: string[] = [];
  const open = async () => {
    const ring = await openKeyRing({
      keysFile,
      adminKeyFile,
      intervalMs: 5,
      logger: { info: () => {}, error: ({ err }: { err?: unknown }) => void errors.push(String(err)) },
    });
    onTestFinished(() => ring.close());
    return ring;
  };
  const replace = async (text: string): Promise<void> => {
    await writeFile(`${keysFile}.new`, text);
    await rename(`${keysFile}.new`, keysFile);
  };
  return { open, replace, keysFile, adminKeyFile: adminKeyFile ?? '', errors };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(5);
}

describe('a ring of keys', () => {
  it('needs none where there is no file, and needs them from the moment there is one', async () => {
    const { open, replace } = await setUp();
    const ring = await open();
    expect([ring.isRequired(), ring.count()]).toEqual([false, 0]);
    const { key, stored } = issue('a');
    await replace(formatKeyFile([stored]));
    await until(() => ring.isRequired());
    expect(ring.find(key)).toEqual({ keyId: stored.id, name: 'a', scopes: ['read'] });
  });

  it('takes a changed file over, and forgets the keys that went', async () => {
    const [first, second] = [issue('a'), issue('b')];
    const { open, replace } = await setUp({ keys: formatKeyFile([first.stored]) });
    const ring = await open();
    expect(ring.find(first.key)?.name).toBe('a');
    await replace(formatKeyFile([second.stored]));
    await until(() => ring.find(second.key) !== null);
    expect(ring.find(first.key)).toBeNull();
    // Its id alone opens nothing.
    expect(ring.find(`${second.key.slice(0, -1)}${second.key.endsWith('0') ? '1' : '0'}`)).toBeNull();
  });

  it('keeps the last good keys while the file is broken, and says so without quoting it', async () => {
    const [first, second] = [issue('a'), issue('b')];
    const { open, replace, errors } = await setUp({ keys: formatKeyFile([first.stored]) });
    const ring = await open();
    const broken = formatKeyFile([second.stored]).replace('"sha256"', '"sha265"');
    for (const text of [broken, '{"version": 1, "keys": [hunter2']) {
      errors.length = 0;
      await replace(text);
      await until(() => errors.length > 0);
      expect(ring.find(first.key)?.name).toBe('a');
      expect(errors.join()).toMatch(/keys\.json/);
      expect(errors.join()).not.toMatch(/hunter2|[0-9a-f]{64}/);
    }
    await replace(formatKeyFile([second.stored]));
    await until(() => ring.find(second.key) !== null);
  });

  it('opens to nobody once its file is deleted', async () => {
    const { key, stored } = issue('a');
    const { open, keysFile } = await setUp({ keys: formatKeyFile([stored]) });
    const ring = await open();
    await rm(keysFile);
    await until(() => ring.find(key) === null);
    expect([ring.isRequired(), ring.count()]).toEqual([true, 0]);
  });

  it('lets a key expire while it runs, and does not count it', async () => {
    const { key, stored } = issueKey({
      name: 'a',
      scopes: ['read'],
      now: new Date(),
      expires: new Date(Date.now() + 300),
    });
    const { open } = await setUp({ keys: formatKeyFile([stored]) });
    const ring = await open();
    await until(() => ring.find(key) === null);
    expect([ring.isRequired(), ring.count()]).toEqual([true, 0]);
  });

  it.each([
    ['no JSON', '{', /not valid JSON/],
    ['another version', '{"version":2,"keys":[]}', /version: .*expected 1/],
    ['an unknown member', '{"version":1,"keys":[],"open":true}', /open/],
    [
      'an id twice',
      formatKeyFile([issue('a').stored, issue('b').stored].map(key => ({ ...key, id: '0123456789abcdef' }))),
      /every id once/,
    ],
    ['a scope that is none', formatKeyFile([issue('a').stored]).replace('read', 'root'), /keys\.0\.scopes\.0/],
  ])('refuses to begin with %s', async (_, keys, message) => {
    const { open } = await setUp({ keys });
    await expect(open()).rejects.toMatchObject({ name: 'KeysError', message: expect.stringMatching(message) });
  });
});

describe('the admin key', () => {
  it('opens everything, and is read again', async () => {
    const { open, adminKeyFile } = await setUp({ admin: `${plain}\n` });
    const ring = await open();
    expect(ring.find(plain)).toMatchObject({ keyId: 'admin-key', scopes: ['read', 'enrol', 'erase', 'admin'] });
    expect([ring.isRequired(), ring.count()]).toEqual([true, 1]);
    await writeFile(adminKeyFile, `${plain}-2`);
    await until(() => ring.find(`${plain}-2`) !== null);
    expect(ring.find(plain)).toBeNull();
  });

  it('may be one of our own form', async () => {
    const { key } = issue('a');
    const { open } = await setUp({ admin: key });
    expect((await open()).find(key)).toMatchObject({ keyId: 'admin-key' });
  });

  it('stays good while its file is empty or gone', async () => {
    const { open, adminKeyFile, errors } = await setUp({ admin: plain });
    const ring = await open();
    await writeFile(adminKeyFile, '');
    await until(() => errors.length > 0);
    errors.length = 0;
    await rm(adminKeyFile);
    await until(() => errors.length > 0);
    expect(ring.find(plain)).not.toBeNull();
  });

  it.each([
    ['empty', ' \n', /but it is empty/],
    ['short', 'hunter2-hunter2-hunter2', /at least 24 characters, got 23/],
    ['two words', `${plain} ${plain}`, /without spaces/],
    ['long', plain.repeat(30), /at most 512/],
  ])('is refused when it is %s, without being quoted', async (_, admin, message) => {
    const { open } = await setUp({ admin });
    const error = await open().then(
      () => null,
      (cause: Error) => cause,
    );
    expect(error?.message).toMatch(message);
    expect(error?.message).toMatch(/api\.admin_key_file: .*admin\.key/);
    expect(error?.message).not.toMatch(/hunter2|plain/);
  });

  it('is refused when its file is missing', async () => {
    const { open, adminKeyFile } = await setUp({ admin: plain });
    await rm(adminKeyFile);
    await expect(open()).rejects.toThrow(/there is no such file/);
  });
});
