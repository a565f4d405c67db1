import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { checkEncryption } from '../../../../face_id_api/doctor/checks/check-encryption.ts';
import type { CheckContext } from '../../../../face_id_api/doctor/finding.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';
import { filled, key, newDir, openStore, sealed } from '../store/sealed-folder.ts';

async function findings(dataDir: string, keyFile: string | null, kind: 'local' | 'elasticsearch' = 'local') {
  const encryption = { key_file: keyFile, key: null, rotate_vectors: true };
  const config = { encryption, data_dir: dataDir, store: { kind } };
  const found = await checkEncryption({ config } as unknown as CheckContext);
  return found.map(({ state, message }) => `${state}: ${message}`);
}

async function keyFile(byte: number, folder?: string): Promise<string> {
  const file = path.join(folder ?? (await tempFolder()), 'face.key');
  writeFileSync(file, Buffer.alloc(32, byte).toString('hex'), { mode: 0o600 });
  return file;
}

it('says whether the galleries are encrypted, and that the key opens them', async () => {
  expect(await findings(newDir(), null)).toEqual(['ok: off']);
  expect(await findings(await filled({}), null)).toEqual(['ok: off: vectors are plain']);
  expect(await findings(await filled(sealed), await keyFile(1))).toEqual([`ok: on, under key ${key.id}`]);
  const empty = newDir();
  await openStore(empty, {}).close();
  expect(await findings(empty, await keyFile(1))).toEqual([expect.stringMatching(/^ok: on with the next start/)]);
});

it('finds a key that does not fit, is missing or is no key', async () => {
  const dataDir = await filled(sealed);
  expect(await findings(dataDir, await keyFile(2))).toEqual([
    expect.stringMatching(/^fault: .*under key .*names [0-9a-f]{8}$/),
  ]);
  expect(await findings(dataDir, null)).toEqual([expect.stringMatching(/^fault: .*names none$/)]);
  expect(await findings(dataDir, '/nowhere/key')).toEqual([expect.stringMatching(/^fault: .*cannot be read/)]);
  expect(await findings(await filled({}), await keyFile(1))).toEqual([
    expect.stringMatching(/^fault: the galleries are plain/),
  ]);
});

it('warns of a key that others can read, or that lies beside what it opens', async () => {
  const dataDir = await filled(sealed);
  const file = await keyFile(1, dataDir);
  chmodSync(file, 0o644);
  const [readers, beside, state] = await findings(dataDir, file);
  expect(readers).toMatch(/^warning: .*can be read by other users/);
  expect(beside).toMatch(/^warning: .*lies in data_dir/);
  expect(state).toMatch(/^ok/);
});

it('says what Elasticsearch gets', async () => {
  expect(await findings('', null, 'elasticsearch')).toEqual(['ok: off: vectors are not rotated']);
  expect(await findings('', await keyFile(1), 'elasticsearch')).toEqual([
    expect.stringMatching(/^ok: vectors are rotated/),
  ]);
});
