import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readKeyFile } from '../../../../face_id_api/keys/change-key-file.ts';
import { createKeyFinder } from '../../../../face_id_api/keys/key-ring.ts';
import { createKeysCommand } from '../../../../face_id_api/keys/keys-command.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';

async function setUp() {
  const folder = await tempFolder();
  const file = path.join(folder, 'data_dir', 'keys.json');
  const notes: string[] = [];
  const deeds: object[] = [];
  async function run(...args: string[]): Promise<string[]> {
    const lines: string[] = [];
    const command = createKeysCommand({
      file: async () => file,
      audited: (action, details, work) => {
        deeds.push({ action, ...details });
        return work();
      },
      print: line => lines.push(line),
      note: line => notes.push(line),
    });
    for (const one of [command, ...command.commands]) one.exitOverride().configureOutput({ writeErr: () => {} });
    await command.parseAsync(args, { from: 'user' });
    return lines;
  }
  const find = async (key: string) => createKeyFinder(await readKeyFile(file), null)(key);
  return { run, file, notes, deeds, find };
}

describe('npm run keys', () => {
  it('makes a key that opens what it says, and keeps its hash only, in a file for its owner alone', async () => {
    const { run, file, find, notes } = await setUp();
    const [key = '', ...rest] = await run('add', 'camera-1', '--scope', 'read,enrol');
    expect(rest).toEqual([]);
    expect(key).toMatch(/^fid_[0-9a-f]{16}_[0-9a-f]{64}$/);
    expect(await find(key)).toMatchObject({ name: 'camera-1', scopes: ['read', 'enrol'], keyId: key.slice(4, 20) });
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(key.slice(21));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
    expect(await readdir(path.dirname(file))).toEqual(['keys.json']);
    expect(notes.join()).toMatch(/Shown this once/);
  });

  it('tells the audit log of every change, and never a key', async () => {
    const { run, deeds } = await setUp();
    const [key = ''] = await run('add', 'camera-1', '--scope', 'read');
    await run('list');
    const [rotated = ''] = await run('rotate', 'camera-1', '--grace', '1h');
    await run('remove', 'camera-1');
    expect(deeds).toEqual([
      { action: 'key.add', name: 'camera-1', scopes: ['read'], id: key.slice(4, 20) },
      { action: 'key.rotate', name: 'camera-1', grace_ms: 3_600_000 },
      { action: 'key.remove', name: 'camera-1' },
    ]);
    for (const secret of [key, rotated]) expect(JSON.stringify(deeds)).not.toContain(secret.slice(21));
  });

  it('lists names, scopes, times and ids, never a hash; in JSON too', async () => {
    const { run } = await setUp();
    expect(await run('list')).toEqual(['There are no keys.']);
    const [key = ''] = await run('add', 'a', '--scope', 'admin', '--expires', '90d');
    const [made = ''] = await run('add', 'b', '--scope', 'erase', '--json');
    expect(JSON.parse(made)).toMatchObject({
      name: 'b',
      scopes: ['erase'],
      expires: null,
      key: expect.stringMatching(/^fid_/),
    });
    const [table = ''] = await run('list');
    expect(table).toMatch(/a +│ admin +│ \d{4}-\d\d-\d\d \d\d:\d\d UTC │ \d{4}-.* UTC +│ [0-9a-f]{16}/);
    expect(table).toMatch(/b +│ erase .* never/);
    const [json = ''] = await run('list', '--json');
    expect(JSON.parse(json).map((one: { name: string }) => one.name)).toEqual(['a', 'b']);
    for (const text of [table, json]) expect(text).not.toMatch(/sha256|[0-9a-f]{64}/);
    expect(json).toContain(key.slice(4, 20));
  });

  it('removes a key, and says what it means when none is left', async () => {
    const { run, find, notes, file } = await setUp();
    const [key = ''] = await run('add', 'a', '--scope', 'read');
    await run('remove', 'a');
    expect(await find(key)).toBeNull();
    expect(notes.at(-1)).toContain(`delete ${file}`);
    await expect(run('remove', 'a')).rejects.toThrow('There is no key named a');
  });

  it('rotates: the new key works at once, the old one as long as the grace', async () => {
    const { run, find, file } = await setUp();
    const [old = ''] = await run('add', 'a', '--scope', 'read');
    const [second = ''] = await run('rotate', 'a', '--grace', '1h');
    expect([await find(old), await find(second)]).toMatchObject([{ name: 'a' }, { name: 'a', scopes: ['read'] }]);
    const [third = ''] = await run('rotate', 'a');
    expect(await find(second)).toBeNull();
    expect(await find(third)).not.toBeNull();
    // The first one lives to the end of its own grace; the second, whose time is over, is gone.
    const keys = await readKeyFile(file);
    expect(keys.map(({ id }) => id)).toEqual([old.slice(4, 20), third.slice(4, 20)]);
    expect(Date.parse(keys[0]?.expires ?? '') - Date.now()).toBeLessThanOrEqual(3_600_000);
    await run('remove', 'a');
    expect(await readKeyFile(file)).toEqual([]);
  });

  it('rotates what expires to what expires then, and what has expired only with a new time', async () => {
    const { run, file } = await setUp();
    await run('add', 'a', '--scope', 'read', '--expires', '1h');
    const [first] = await readKeyFile(file);
    await run('rotate', 'a', '--grace', '30d');
    expect((await readKeyFile(file)).map(({ expires }) => expires)).toEqual([first?.expires, first?.expires]);
    const [, second] = await readKeyFile(file);
    const past = new Date(Date.now() - 1000).toISOString();
    await writeFile(file, JSON.stringify({ version: 1, keys: [{ ...second, expires: past }] }));
    await expect(run('rotate', 'a')).rejects.toThrow(/has expired.*--expires/);
    await expect(run('rotate', 'a', '--expires', '2099-02-31')).rejects.toThrow(/a day to come/);
    await run('rotate', 'a', '--expires', '2099-01-31');
    expect((await readKeyFile(file)).at(-1)?.expires).toBe('2099-01-31T00:00:00.000Z');
  });

  it.each([
    [['add', 'a b', '--scope', 'read'], /1 to 64 characters/],
    [['add', 'a'], /--scope/],
    [['add', 'a', '--scope', 'read,write'], /expected some of read, enrol, erase, admin/],
    [['add', 'a', '--scope', 'read,read'], /each once/],
    [['add', 'a', '--scope', 'read', '--expires', '2020-01-31'], /a day to come/],
    [['add', 'a', '--scope', 'read', '--expires', 'soon'], /a time such as 90d/],
    [['rotate', 'a', '--grace', 'forever'], /such as 30m, 1h or 7d/],
    [['rotate', 'a'], /no key named a/],
  ])('refuses %j in words', async (args, message) => {
    const { run } = await setUp();
    await expect(run(...args)).rejects.toThrow(message);
  });

  it('refuses a name that works, a file that is broken and one that is being changed, and leaves them as they are', async () => {
    const { run, file } = await setUp();
    await run('add', 'a', '--scope', 'read');
    await expect(run('add', 'a', '--scope', 'read')).rejects.toThrow(/A key named a is there: rotate it/);
    const before = await readFile(file, 'utf8');
    await writeFile(`${file}.new`, '');
    await expect(run('add', 'b', '--scope', 'read')).rejects.toThrow(/another command is changing the keys/);
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await readdir(path.dirname(file))).toEqual(['keys.json', 'keys.json.new']);
    for (const text of ['{', '[]', '{"version":2,"keys":[]}', before.replace('"read"', '"write"')]) {
      await writeFile(file, text);
      await expect(run('list')).rejects.toMatchObject({ name: 'KeysError', message: expect.stringContaining(file) });
    }
  });
});
