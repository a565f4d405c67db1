import { randomBytes } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMasterKey } from '../../../../face_id_api/encryption/master-key.ts';
import { readKeyFile, readMasterKey } from '../../../../face_id_api/encryption/read-master-key.ts';
import { writeKeyFile } from '../../../../face_id_api/encryption/write-key-file.ts';
import { StartError } from '../../../../face_id_api/start-error.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';

const bytes = randomBytes(32);
const { id } = createMasterKey(bytes);
const given = (key: string) => readMasterKey({ key, key_file: null, rotate_vectors: true });

describe('the key of the configuration', () => {
  it('is none where none is named', async () => {
    expect(await readMasterKey({ key: null, key_file: null, rotate_vectors: true })).toBeNull();
  });

  it.each(['hex', 'base64', 'base64url'] as const)(
    'is read as %s, from the environment or a file with a line’s end',
    async encoding => {
      const text = bytes.toString(encoding);
      expect((await given(text))?.id).toBe(id);
      const file = path.join(await tempFolder(), 'key');
      await writeFile(file, `${text}\n`);
      expect((await readKeyFile(file)).id).toBe(id);
    },
  );

  it('is refused where it is none, without being repeated', async () => {
    for (const text of ['', 'changeme', bytes.toString('hex').slice(1), randomBytes(33).toString('base64')]) {
      const refused = await given(text).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StartError);
      expect((refused as Error).message).toMatch(/encryption\.key: expected a key of 32 bytes/);
      if (text !== '') expect((refused as Error).message).not.toContain(text);
    }
  });

  it('is refused where its file cannot be read, naming it', async () => {
    const file = path.join(await tempFolder(), 'missing');
    await expect(readKeyFile(file)).rejects.toThrow(`encryption.key_file: ${file} cannot be read`);
  });
});

describe('a new key', () => {
  it('is written once, for its owner alone, and never over another', async () => {
    const file = path.join(await tempFolder(), 'new.key');
    await writeKeyFile(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const first = await readKeyFile(file);
    await expect(writeKeyFile(file)).rejects.toThrow(/never overwritten/);
    expect((await readKeyFile(file)).id).toBe(first.id);
    const other = path.join(path.dirname(file), 'other.key');
    await writeKeyFile(other);
    expect((await readKeyFile(other)).id).not.toBe(first.id);
    await expect(writeKeyFile(path.join(file, 'below'))).rejects.toThrow(/cannot be written/);
  });
});
