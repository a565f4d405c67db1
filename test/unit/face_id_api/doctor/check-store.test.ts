import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { checkStore } from '../../../../face_id_api/doctor/checks/check-store.ts';
import type { CheckContext } from '../../../../face_id_api/doctor/finding.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';
import { openStore } from '../store/sealed-folder.ts';

async function findings(dataDir: string) {
  const config = { data_dir: dataDir, store: { kind: 'local' }, models: { embedder: 'none' } };
  const found = await checkStore({ config } as unknown as CheckContext);
  return found.map(one => `${one.state}: ${one.message} → ${'remedy' in one ? one.remedy : ''}`);
}

async function kept(): Promise<{ dataDir: string; file: string }> {
  const home = await tempFolder();
  // Whoever the test becomes has to come as far as data_dir.
  chmodSync(home, 0o755);
  const dataDir = path.join(home, 'data');
  await openStore(dataDir, {}).close();
  return { dataDir, file: path.join(dataDir, 'faces.db') };
}

/** Root may write everywhere, and becomes nobody for it. */
async function asNobody<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  if (process.geteuid?.() !== 0) return await work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

it.skipIf(process.platform === 'win32')(
  'says that a folder cannot be written, and not that its database is damaged',
  async () => {
    const { dataDir, file } = await kept();
    chmodSync(file, 0o444);
    chmodSync(dataDir, 0o555);
    const found = await asNobody(() => findings(dataDir));
    chmodSync(dataDir, 0o755);
    expect(found).toEqual([
      expect.stringMatching(/^fault: .*faces\.db cannot be opened \(.*\), as the folder .*data cannot be written → /),
    ]);
    expect(found[0]).not.toMatch(/damaged|move it away/);
  },
);

it('says that a database cannot be opened, though its folder can be written', async () => {
  const { dataDir, file } = await kept();
  rmSync(file);
  mkdirSync(file);
  const found = await findings(dataDir);
  expect(found).toEqual([
    expect.stringMatching(/^fault: .*faces\.db cannot be opened: unable to open database file → Let/),
  ]);
});

it('says that a database is damaged where it is, and that an empty one is none yet', async () => {
  const { dataDir, file } = await kept();
  writeFileSync(file, 'no database');
  expect(await findings(dataDir)).toEqual([expect.stringMatching(/^fault: .*faces\.db is damaged: .*Restore it/)]);
  writeFileSync(file, '');
  expect(await findings(dataDir)).toEqual([expect.stringMatching(/^ok: nobody is enrolled yet/)]);
});
