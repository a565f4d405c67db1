import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig } from '../../../config.ts';
import { issueKey } from '../../../face_id_api/keys/issue-key.ts';
import { formatKeyFile } from '../../../face_id_api/keys/key-file.ts';
import { openAccess } from '../../../face_id_api/open-access.ts';
import { tempFolder } from '../triton/build/temp-folder.ts';

const keyFile = (expires: Date | null) =>
  formatKeyFile([issueKey({ name: 'a', scopes: ['read'], now: new Date(), expires }).stored]);

async function open(api: object, files: Record<string, string> = {}, plainKey?: string) {
  const folder = await tempFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  const config = parseConfig({ text: JSON.stringify({ api, data_dir: '.' }), file: 'test', baseDir: folder, env: {} });
  const access = await openAccess(config, { logger: { info: () => {}, error: () => {} }, plainKey });
  onTestFinished(() => access.close());
  return access;
}

describe('who may ask the API', () => {
  it.each(['127.0.0.1', 'localhost', '::1', '127.0.0.9'])(
    'without keys: this machine, on %s; it says so',
    async host => {
      const { keys, notes } = await open({ host });
      expect(keys.isRequired()).toBe(false);
      expect(notes).toEqual([expect.stringMatching(/^No API keys: whoever is on this machine/)]);
    },
  );

  it.each(['0.0.0.0', '::', '192.168.1.2', 'faces.example'])('nobody else: without a key %s is refused', async host => {
    const without: Record<string, string>[] = [
      {},
      { 'keys.json': formatKeyFile([]) },
      { 'keys.json': keyFile(new Date(0)) },
    ];
    for (const files of without) {
      await expect(open({ host }, files)).rejects.toThrow(
        /api\.host: .* no API key\. Make one with `npm run keys -- add/,
      );
    }
  });

  it('with a key whoever has one, wherever it listens; unencrypted ways are named', async () => {
    const files = { 'keys.json': keyFile(null) };
    expect((await open({ host: '0.0.0.0' }, files)).notes).toEqual([
      expect.stringMatching(/travel unencrypted.*api\.tls/),
    ]);
    const proxied = await open({ host: '0.0.0.0', behind_tls_proxy: true }, files);
    expect([proxied.keys.isRequired(), proxied.notes, proxied.behindTlsProxy]).toEqual([true, [], true]);
    expect((await open({}, files)).notes).toEqual([]);
  });

  it('by a file with one plain key, beside config.yaml', async () => {
    const { keys } = await open({ host: '0.0.0.0', admin_key_file: 'key' }, { key: 'a-plain-key-of-an-operator\n' });
    expect(keys.find('a-plain-key-of-an-operator')?.scopes).toContain('admin');
  });

  it('nobody, where the file of keys is empty; it says so', async () => {
    const { keys, notes } = await open({}, { 'keys.json': formatKeyFile([]) });
    expect([keys.isRequired(), notes]).toEqual([true, [expect.stringMatching(/every call will be refused/)]]);
  });

  it('only the process itself, in a private instance', async () => {
    const files = { 'keys.json': 'broken' };
    const { keys, notes } = await open({}, files, 'of-this-process');
    expect([keys.isRequired(), notes, keys.find('of-this-process')?.scopes.length]).toEqual([true, [], 4]);
  });
});

describe('api: of config.yaml', () => {
  it.each([
    [{ cors_origins: ['*'] }, /cors_origins\.0: expected an origin such as/],
    [{ cors_origins: ['https://app.example/'] }, /cors_origins\.0/],
    [{ cors_origins: ['app.example'] }, /cors_origins\.0/],
    [{ allowed_hosts: ['faces.lan:8004'] }, /allowed_hosts\.0: expected a name or an address without a port/],
    [{ limits: { requests_per_minute: 0 } }, /limits\.requests_per_minute/],
    [{ limits: { per_second: 1 } }, /per_second/],
    [{ tls: { cert_file: 'a' } }, /tls\.key_file/],
  ])('refuses %j', async (api, message) => {
    await expect(open(api)).rejects.toThrow(message);
  });
});
