import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { auditPlaces } from '../../../../face_id_api/audit/audit-files.ts';
import { readAuditLines } from '../../../../face_id_api/audit/read-audit.ts';
import { verifyAudit } from '../../../../face_id_api/audit/verify-audit.ts';
import { createEncryptionCommand } from '../../../../face_id_api/encryption/encryption-command.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';
import {
  bytesBelow,
  everybody,
  filled,
  type Kept,
  key,
  keyOf,
  openStore,
  people,
  photo,
  plainBelow,
  sealed,
  taught,
  taughtOf,
  vectors,
} from '../store/sealed-folder.ts';

const [first, second] = [keyOf(1), keyOf(2)];
const keyText = (byte: number): string => Buffer.alloc(32, byte).toString('hex');

type Given = { key: string | null; rotate_vectors?: boolean };

/** What it says is also in `lines`. */
function runner(dataDir: string, config: Given, lines: string[] = []) {
  return async (...args: string[]): Promise<string> => {
    lines.length = 0;
    const command = createEncryptionCommand({
      config: async () => ({
        encryption: { key_file: null, rotate_vectors: true, ...config },
        store: { kind: 'local' },
        data_dir: dataDir,
      }),
      print: line => lines.push(line),
    });
    for (const one of [command, ...command.commands]) one.exitOverride().configureOutput({ writeErr: () => {} });
    await command.parseAsync(args, { from: 'user' });
    return lines.join('\n');
  };
}

/** As a folder was filled, to the rounding that turning costs. */
async function expectEverybody(dataDir: string, options: Kept): Promise<void> {
  const found = await everybody(dataDir, options);
  expect(found.size).toBe(people);
  for (const [person, vector] of found) {
    expectNear(vector, photo(person));
  }
  const faces = await taughtOf(dataDir, options);
  expect(faces).toHaveLength(taught.length);
  for (const [i, vector] of faces.entries()) expectNear(vector, taught[i]!);
}

function expectNear(vector: readonly number[], wanted: ArrayLike<number>): void {
  for (const [i, value] of vector.entries()) expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-6);
}

/** Every sealed vector of a folder, and what is wrapped by the key. */
function secretsOf(dataDir: string): Buffer[] {
  const database = new DatabaseSync(path.join(dataDir, 'faces.db'));
  const all = [
    'SELECT vector FROM template',
    'SELECT person FROM identity',
    'SELECT vector FROM rejection',
    'SELECT vector FROM unknown_face',
    'SELECT data_key FROM sealing',
    'SELECT rotation FROM gallery',
  ];
  const found = all.flatMap(sql =>
    database
      .prepare(sql)
      .all()
      .flatMap(row => Object.values(row)),
  );
  database.close();
  return found.map(value => Buffer.from(value as Uint8Array | string));
}

async function newKeyFile(byte: number): Promise<string> {
  const file = path.join(await tempFolder(), 'next.key');
  writeFileSync(file, keyText(byte), { mode: 0o600 });
  return file;
}

describe('gallery encryption', () => {
  it('makes a key, and says which and that it is not to be lost', async () => {
    const run = runner('', { key: null });
    const out = path.join(await tempFolder(), 'a.key');
    expect(await run('new-key', '--out', out)).toMatch(/holds the new key [0-9a-f]{8}\. Keep a copy elsewhere/);
    await expect(run('new-key', '--out', out)).rejects.toThrow(/never overwritten/);
  });

  it.each([[{}], [{ indexFrom: 1 }]])(
    'on encrypts and rotates a plain store, and leaves nothing of it in plain (%o)',
    async options => {
      const dataDir = await filled(options);
      const run = runner(dataDir, { key: keyText(1) });
      expect(await run('status')).toBe('Vectors are not encrypted.\n  default: not rotated\n  staff: not rotated');
      expect(await run('on')).toMatch(
        new RegExp(`^${vectors} vectors were rewritten; rotated anew: default, staff\\.\nKey [0-9a-f]{8} opens`),
      );
      expect(plainBelow(dataDir)).toBe(0);
      expect(JSON.parse(await run('status', '--json'))).toEqual({
        key: first.id,
        galleries: [
          { name: 'default', rotation: first.id },
          { name: 'staff', rotation: first.id },
        ],
      });
      await expectEverybody(dataDir, { ...sealed, ...options });
      expect(() => openStore(dataDir, options)).toThrow(/encrypted under key/);
      // Again it has nothing to do.
      expect(await run('on')).toMatch(/^No vector had to be rewritten/);
      await expectEverybody(dataDir, { ...sealed, ...options });
    },
  );

  it('on rotates nothing where the configuration does not ask for it', async () => {
    const dataDir = await filled({});
    await runner(dataDir, { key: keyText(1), rotate_vectors: false })('on');
    expect([...(await everybody(dataDir, { masterKey: key })).get(3)!]).toEqual([...photo(3)]);
    expect(await runner(dataDir, { key: keyText(1) })('on')).toContain(
      `${vectors} vectors were rewritten; rotated anew`,
    );
    await expectEverybody(dataDir, sealed);
  });

  it('off brings everything back as the model made it', async () => {
    const dataDir = await filled(sealed);
    expect(await runner(dataDir, { key: keyText(1) })('off')).toMatch(
      new RegExp(`^${vectors} vectors.*\nThe galleries are plain.*key_file: null`),
    );
    await expectEverybody(dataDir, {});
    expect(() => openStore(dataDir, sealed)).toThrow(/not encrypted/);
  });

  it('rotate gives another key to what it finds, rewrites no vector, and shuts the old key out', async () => {
    const dataDir = await filled(sealed);
    const run = runner(dataDir, { key: keyText(1) });
    const before = secretsOf(dataDir);
    const told = await run('rotate', '--new-key-file', await newKeyFile(2));
    expect(told).toMatch(
      /No vector had to be rewritten\.\nKey [0-9a-f]{8} opens the galleries, and no other does\.\nSet encryption/,
    );
    expect(told).toContain(second.id);
    expect(() => openStore(dataDir, sealed)).toThrow(new RegExp(`under key ${second.id}`));
    await expectEverybody(dataDir, { masterKey: second, rotateVectors: true });
    // What the old key opens is in no page any more.
    const wrapped = before.filter(bytes => bytes.includes('v1.'));
    expect(wrapped).toHaveLength(3);
    for (const bytes of wrapped) expect(bytesBelow(dataDir).includes(bytes)).toBe(false);
    // As after a kill between the change and its end: the same again goes on.
    expect(await run('rotate', '--new-key-file', await newKeyFile(2))).toContain(second.id);
    await expectEverybody(dataDir, { masterKey: second, rotateVectors: true });
  });

  it('rotate --renew leaves nothing that the old secrets open', async () => {
    const dataDir = await filled(sealed);
    const run = runner(dataDir, { key: keyText(1) });
    const before = secretsOf(dataDir);
    expect(await run('rotate', '--renew')).toContain(`${vectors} vectors were rewritten; rotated anew: default, staff`);
    expect(before).toHaveLength(vectors + 3);
    for (const bytes of before) expect(bytesBelow(dataDir).includes(bytes)).toBe(false);
    await expectEverybody(dataDir, sealed);
  });

  it('changes nothing under a wrong key, or where there is nothing to change', async () => {
    const dataDir = await filled(sealed);
    const kept = () => bytesBelow(dataDir, /^(?!.*\/audit[./])/);
    const before = kept();
    const wrong = runner(dataDir, { key: keyText(3) });
    for (const args of [['on'], ['off'], ['rotate', '--new-key-file', await newKeyFile(4)]]) {
      await expect(wrong(...args)).rejects.toThrow(/does not open/);
    }
    expect(kept().equals(before)).toBe(true);
    await expect(runner(dataDir, { key: null })('on')).rejects.toThrow(
      /encryption\.key_file: expected the file of a key/,
    );
    const run = runner(dataDir, { key: keyText(1) });
    await expect(run('rotate')).rejects.toThrow(/expected --new-key-file with another key, or --renew/);
    await expect(run('rotate', '--new-key-file', await newKeyFile(1))).rejects.toThrow(/another key/);
    await expect(runner(await filled({}), { key: keyText(1) })('rotate', '--renew')).rejects.toThrow(
      /not encrypted: run/,
    );
  });

  it('status fails under a key that opens nothing, or is none, and says what is there', async () => {
    const dataDir = await filled(sealed);
    const wrong = { key: keyText(2) };
    const said = new RegExp(`configured key ${second.id} opens nothing that is under key ${first.id}: set encryption`);
    const lines: string[] = [];
    await expect(runner(dataDir, wrong, lines)('status')).rejects.toThrow(said);
    expect(lines[0]).toBe(`Vectors are encrypted under key ${first.id}.`);
    await expect(runner(dataDir, wrong)('status', '--json')).rejects.toThrow(said);
    await expect(runner(dataDir, { key: 'garbage' })('status')).rejects.toThrow(/expected a key of 32 bytes/);
    // Without one it tells which is wanted.
    expect(await runner(dataDir, { key: null })('status')).toContain(first.id);
    expect(await runner(await filled({}), wrong)('status')).toContain('not encrypted');
  });

  it('is in the audit log with the ids of the keys, before it is made and after it', async () => {
    const dataDir = await filled({});
    const run = runner(dataDir, { key: keyText(1) });
    await run('on');
    await run('rotate', '--renew');
    await run('rotate', '--new-key-file', await newKeyFile(2));
    await expect(run('off')).rejects.toThrow(/does not open/);
    await runner(dataDir, { key: keyText(2) })('off');

    const lines = await Array.fromAsync(readAuditLines(auditPlaces(dataDir)));
    const all = { rewritten: vectors, rotated: 2 };
    const given = (from: string | null, to: string | null, renew = false) => ({ from, to, renew, galleries: 2 });
    expect(lines.map(({ action, outcome, details }) => [action, outcome, details])).toEqual([
      ['encryption.on', 'begun', given(null, first.id)],
      ['encryption.on', 'done', { begun: 1, ...all }],
      ['encryption.rotate', 'begun', given(first.id, first.id, true)],
      ['encryption.rotate', 'done', { begun: 3, ...all }],
      ['encryption.rotate', 'begun', given(first.id, second.id)],
      ['encryption.rotate', 'done', { begun: 5, rewritten: 0, rotated: 0 }],
      ['encryption.off', 'begun', given(second.id, null)],
      ['encryption.off', 'failed', { begun: 7, code: 'INTERNAL' }],
      ['encryption.off', 'begun', given(second.id, null)],
      ['encryption.off', 'done', { begun: 9, ...all }],
    ]);
    for (const { actor, gallery, subjects } of lines) {
      expect({ actor, gallery, subjects }).toEqual({ actor: 'command', gallery: null, subjects: [] });
    }
    expect((await verifyAudit(auditPlaces(dataDir))).faults).toEqual([]);
    for (const byte of [1, 2]) {
      expect(bytesBelow(dataDir, /audit/).includes(keyText(byte))).toBe(false);
    }
  });

  it('is refused while a service has the store', async () => {
    const dataDir = await filled(sealed);
    openStore(dataDir, sealed);
    await expect(runner(dataDir, { key: keyText(1) })('off')).rejects.toThrow(/in use by another process/);
  });
});
