import { appendFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAudit } from '../../../../face_id_api/audit/audit.ts';
import { auditPlaces } from '../../../../face_id_api/audit/audit-files.ts';
import { type AuditLine, noLines, parseHead, parseLine } from '../../../../face_id_api/audit/audit-line.ts';
import { verifyAudit } from '../../../../face_id_api/audit/verify-audit.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';

type Given = { readonly maxFileBytes?: number; readonly actor?: string };

async function setUp() {
  const dataDir = path.join(await tempFolder(), 'data_dir');
  const places = auditPlaces(dataDir);
  const open = async (given: Given = {}) => {
    const audit = await openAudit({ dataDir, actor: 'local', ...given });
    onTestFinished(() => audit.close());
    return audit;
  };
  /** Writes so many lines, and ends. */
  const fill = async (count: number, given?: Given): Promise<void> => {
    const audit = await open(given);
    for (let i = 0; i < count; i++) await audit.note({ action: 'gallery.make', gallery: `g${i}`, ids: [] });
    await audit.close();
  };
  const file = places.file(1);
  const texts = async (): Promise<string[]> => (await readFile(file, 'utf8')).trimEnd().split('\n');
  const lines = async (): Promise<(AuditLine | null)[]> => (await texts()).map(parseLine);
  const rewrite = async (change: (lines: string[]) => string[]): Promise<void> =>
    writeFile(file, `${change(await texts()).join('\n')}\n`);
  return { dataDir, places, open, fill, file, texts, lines, rewrite };
}

const note = { action: 'gallery.make', gallery: 'staff', ids: [] } as const;

describe('an audit log', () => {
  it('has two lines for a change, the first before it is made, each holding the one before', async () => {
    const { open, lines, places } = await setUp();
    const audit = await open();
    const deed = { action: 'identity.erase', gallery: 'default', ids: ['ann'], details: { asked: 1 } } as const;
    const result = await audit.record(
      deed,
      async () => {
        expect(await lines()).toMatchObject([{ seq: 1, outcome: 'begun', details: { asked: 1 } }]);
        return 7;
      },
      templates => ({ templates }),
    );
    expect(result).toBe(7);
    const [first, second] = await lines();
    expect(first).toMatchObject({
      actor: 'local',
      action: 'identity.erase',
      gallery: 'default',
      previous: noLines.hash,
    });
    expect(second).toMatchObject({
      seq: 2,
      outcome: 'done',
      details: { begun: 1, templates: 7 },
      previous: first?.hash,
    });
    expect(first?.subjects).toEqual(second?.subjects);
    expect(await verifyAudit(places)).toEqual({
      files: 1,
      lines: 2,
      head: { seq: 2, hash: second?.hash },
      open: 0,
      faults: [],
      notes: [],
    });
  });

  it('says that a change failed, by its code alone, and rejects as it did', async () => {
    const { open, texts, lines } = await setUp();
    const audit = await open();
    const work = async (): Promise<never> => {
      throw new RangeError('name: expected Ann Lee');
    };
    await expect(audit.record(note, work)).rejects.toThrow('expected Ann Lee');
    expect((await lines())[1]).toMatchObject({ outcome: 'failed', details: { begun: 1, code: 'INVALID_REQUEST' } });
    expect((await texts()).join()).not.toContain('Ann');
  });

  it('holds no ids, and is for its owner alone', async () => {
    const { open, places, dataDir, file, lines } = await setUp();
    const audit = await open();
    await audit.note({ ...note, ids: ['ann-lee', 2576, '2576'] });
    const subjects = (await lines())[0]?.subjects ?? [];
    expect(new Set(subjects).size).toBe(3);
    for (const name of await readdir(dataDir, { recursive: true })) {
      const at = path.join(dataDir, name);
      const { mode } = await stat(at);
      if (name === 'audit') expect(mode & 0o777).toBe(0o700);
      else expect([name, mode & 0o777]).toEqual([name, 0o600]);
      if (name !== 'audit') expect(await readFile(at, 'latin1')).not.toMatch(/ann-lee|2576/);
    }
    expect(await Array.fromAsync(audit.about('staff', 2576))).toHaveLength(1);
    expect(await Array.fromAsync(audit.about('staff', 'bob'))).toEqual([]);
    expect(await Array.fromAsync(audit.about('other', 2576))).toEqual([]);
    // Another key makes other subjects of the same ids.
    await audit.close();
    await rm(places.key);
    await (await open()).note({ ...note, ids: ['ann-lee'] });
    expect((await readFile(file, 'utf8')).split('\n')[1]).not.toContain(subjects[0]);
  });

  it('says who acts', async () => {
    const { open, lines } = await setUp();
    const audit = await open({ actor: 'command' });
    await Promise.all(
      ['reception', 'camera-1'].map(actor => audit.actingAs(actor, () => audit.record(note, async () => {}))),
    );
    await audit.note(note);
    const actors = (await lines()).map(line => line?.actor);
    expect(actors.toSorted()).toEqual(['camera-1', 'camera-1', 'command', 'reception', 'reception']);
  });

  it('goes on where it ended, over restarts, files and processes that write by turns', async () => {
    const { open, fill, places } = await setUp();
    await fill(5, { maxFileBytes: 800 });
    const [one, other] = [await open({ maxFileBytes: 800 }), await open({ maxFileBytes: 800 })];
    for (let i = 0; i < 4; i++) {
      await one.note(note);
      await other.note(note);
    }
    await Promise.all(Array.from({ length: 20 }, (_, i) => [one, other][i % 2]!.note(note)));
    const report = await verifyAudit(places);
    expect(report).toMatchObject({ lines: 33, head: { seq: 33 }, faults: [], notes: [] });
    expect(report.files).toBeGreaterThan(5);
  });

  it('refuses a change that it cannot write down, and goes on when it can', async () => {
    const { open, places, dataDir } = await setUp();
    const audit = await open();
    await mkdir(dataDir, { recursive: true });
    await writeFile(places.folder, 'in the way');
    let made = 0;
    const work = async (): Promise<void> => {
      made += 1;
    };
    await expect(audit.record(note, work)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: /Nothing was changed/,
    });
    expect(made).toBe(0);
    await rm(places.folder);
    await audit.record(note, work);
    expect(made).toBe(1);
    expect(await verifyAudit(places)).toMatchObject({ lines: 2, faults: [] });
  });

  it('takes away what a killed process has not ended, and says so', async () => {
    const { open, fill, places, file, lines } = await setUp();
    await fill(3);
    await appendFile(file, '{"seq":4,"time":"2026-11');
    expect(await verifyAudit(places)).toMatchObject({ lines: 3, faults: [], notes: [/4: is not ended/] });
    await (await open()).note(note);
    expect((await lines()).map(line => line?.action).slice(3)).toEqual(['audit.repaired', 'gallery.make']);
    expect((await lines())[3]?.details).toEqual({ dropped_bytes: 24 });
    expect(await verifyAudit(places)).toMatchObject({ lines: 5, faults: [], notes: [/was killed, and taken away/] });
  });

  it('says when it is opened that lines are gone from its end, so that the next ones do not hide it', async () => {
    const { open, fill, places, rewrite, lines } = await setUp();
    await fill(3);
    const head = (await readFile(places.head, 'utf8')).trim();
    await rewrite(texts => texts.slice(0, 2));
    await (await open()).note(note);
    expect((await lines()).map(line => line?.action).slice(2)).toEqual(['audit.broken', 'gallery.make']);
    expect((await lines())[2]?.details).toEqual({ expected: head });
    expect((await verifyAudit(places)).faults).toEqual([
      expect.stringMatching(/3: when it was written, the log did not fit/),
    ]);
    const kept = parseHead(head);
    expect((await verifyAudit(places, kept ? [kept] : [])).faults).toHaveLength(2);
  });

  it('notices while it is open that its file was cut short or taken away', async () => {
    const { open, places, file } = await setUp();
    const audit = await open();
    for (let i = 0; i < 3; i++) await audit.note(note);
    const { size } = await stat(file);
    await truncate(file, size - 10);
    await audit.note(note);
    expect((await verifyAudit(places)).faults).toHaveLength(1);
    await rm(file);
    await audit.note(note);
    expect((await verifyAudit(places)).faults.length).toBeGreaterThan(0);
  });
});

describe('audit verify', () => {
  it('finds any byte that was changed', async () => {
    const { fill, places, file } = await setUp();
    await fill(4);
    const bytes = await readFile(file);
    for (let at = 0; at < bytes.length - 1; at += 7) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at] === 0x61 ? 0x62 : 0x61;
      await writeFile(file, changed);
      const { faults } = await verifyAudit(places);
      expect(faults.length, `byte ${at}`).toBeGreaterThan(0);
    }
  });

  it('names the line that was changed, and no other', async () => {
    const { fill, places, rewrite, file } = await setUp();
    await fill(5);
    await rewrite(([a, b = '', ...rest]) => [a!, b.replace('g1', 'g9'), ...rest]);
    expect((await verifyAudit(places)).faults).toEqual([`${file}:2: is not the line that was written`]);
  });

  it.each<[string, (lines: string[]) => string[], RegExp]>([
    ['the first', lines => lines.slice(1), /:1: line 1 is missing before it/],
    ['one in the middle', lines => lines.toSpliced(2, 1), /:3: line 3 is missing before it/],
    ['several', lines => lines.toSpliced(1, 2), /:2: lines 2 to 3 are missing before it/],
    ['the last', lines => lines.slice(0, -1), /ends with line 4, audit\.head names line 5: lines are missing/],
  ])('finds that %s was removed', async (_, change, fault) => {
    const { fill, places, rewrite } = await setUp();
    await fill(5);
    await rewrite(change);
    expect((await verifyAudit(places)).faults).toEqual([expect.stringMatching(fault)]);
  });

  it('finds lines in another order, and one that is there twice', async () => {
    const { fill, places, rewrite } = await setUp();
    await fill(5);
    await rewrite(([a, b, c, ...rest]) => [a!, c!, b!, ...rest]);
    expect((await verifyAudit(places)).faults.join()).toMatch(/lines were put in another order/);
    await rewrite(([a, c, b, ...rest]) => [a!, b!, b!, c!, ...rest]);
    expect((await verifyAudit(places)).faults.join()).toMatch(/expected line 3, got 2/);
  });

  it('finds that the head is gone, changed, or that all of the log is', async () => {
    const { fill, places, file } = await setUp();
    await fill(2);
    const head = await readFile(places.head, 'utf8');
    await rm(places.head);
    expect((await verifyAudit(places)).faults).toEqual([expect.stringMatching(/audit\.head: is missing/)]);
    for (const text of ['nothing', '99:zz']) {
      await writeFile(places.head, text);
      expect((await verifyAudit(places)).faults).toEqual([
        expect.stringMatching(/audit\.head: expected the number and hash of the last line, got something else/),
      ]);
    }
    await writeFile(
      places.head,
      head.replace(/:./, match => (match === ':0' ? ':1' : ':0')),
    );
    expect((await verifyAudit(places)).faults).toEqual([
      expect.stringMatching(/line 2 is another one than audit\.head names/),
    ]);
    await writeFile(places.head, head);
    await rm(file);
    expect((await verifyAudit(places)).faults).toEqual([expect.stringMatching(/ends with line 0/)]);
  });

  it('finds that lines and head are gone together by the key that was made before them', async () => {
    const { open, fill, places } = await setUp();
    await (await open()).close();
    expect(await verifyAudit(places)).toMatchObject({ lines: 0, faults: [] });
    await fill(2);
    expect(await verifyAudit(places)).toMatchObject({ lines: 2, faults: [] });
    await rm(places.folder, { recursive: true });
    await rm(places.head);
    expect((await verifyAudit(places)).faults).toEqual([
      expect.stringMatching(/audit\.head: is missing, and so is every line of the log that .*audit\.key was made for/),
    ]);
    await fill(1);
    expect((await verifyAudit(places)).faults).toEqual([
      expect.stringMatching(/1: when it was written, the log did not fit/),
    ]);
  });

  it('finds by a head that was kept elsewhere that the whole log was written anew', async () => {
    const { fill, places } = await setUp();
    await fill(3);
    const kept = (await verifyAudit(places)).head;
    for (const place of [places.folder, places.head, places.key]) await rm(place, { recursive: true });
    await fill(4);
    expect((await verifyAudit(places)).faults).toEqual([]);
    expect((await verifyAudit(places, [kept])).faults).toEqual([
      expect.stringMatching(/line 3 is another one than the head that was kept names/),
    ]);
  });

  it('finds nothing in a log that was never begun', async () => {
    const { places } = await setUp();
    expect(await verifyAudit(places)).toEqual({ files: 0, lines: 0, head: noLines, open: 0, faults: [], notes: [] });
  });

  it('counts the changes whose outcome is not known', async () => {
    const { open, places, rewrite } = await setUp();
    const audit = await open();
    await audit.record(note, async () => {});
    await audit.record(note, async () => {});
    await audit.close();
    await rewrite(lines => lines.slice(0, 3));
    expect((await verifyAudit(places)).open).toBe(1);
  });
});
