import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openAudit } from '../../../../face_id_api/audit/audit.ts';
import { auditPlaces } from '../../../../face_id_api/audit/audit-files.ts';
import { openAuditKey } from '../../../../face_id_api/audit/audit-key.ts';
import { auditStore } from '../../../../face_id_api/audit/audit-store.ts';
import { readAuditLines } from '../../../../face_id_api/audit/read-audit.ts';
import type { RetentionConfig } from '../../../../face_id_api/config.ts';
import { startSweeper } from '../../../../face_id_api/retention/start-sweeper.ts';
import { retentionRule, sweepGallery } from '../../../../face_id_api/retention/sweep-gallery.ts';
import { createLocalStore } from '../../../../face_id_api/store/local-store.ts';
import { at, model, templates } from '../../../contract/face_id_api/store.ts';

const now = new Date('2026-11-30T12:00:00Z');
const past = { purpose: 'door', given: '2026-01-01T00:00:00Z', expires: '2026-11-30T11:59:59Z' };

/** Ann's consent has expired, bob was not seen for long, cy was seen today, dan was enrolled today. */
async function people() {
  let clock = new Date('2026-01-01T00:00:00Z');
  const store = createLocalStore({ dataDir: ':memory:', model, now: () => clock });
  onTestFinished(() => store.close());
  const gallery = store.gallery('default');
  const put = (id: string, fields = {}) =>
    gallery.put({ id, mode: 'append', templates: templates(at(0), at(10)), fields });
  await put('ann', { consent: past });
  await put('bob');
  await put('cy');
  clock = now;
  await put('dan');
  await gallery.see(
    new Map([
      ['bob', '2026-10-30'],
      ['cy', '2026-11-30'],
    ]),
  );
  const ids = async () => (await gallery.list({ limit: 10, after: null })).identities.map(({ id }) => id);
  return { store, gallery, ids };
}

const rule = retentionRule({ unseen_days: 30 }, now);
const all = { name: 'default', rule, limit: 10 };

describe('a sweep', () => {
  it('that is a dry run says who is due and why, and changes nothing', async () => {
    const { gallery, ids } = await people();
    const before = await Array.fromAsync(gallery.export());
    expect(await sweepGallery(gallery, { ...all, apply: false })).toEqual({
      reasons: { consent_expired: 1, unseen: 1 },
      due: [
        { id: 'ann', reason: 'consent_expired' },
        { id: 'bob', reason: 'unseen' },
      ],
      receipts: [],
    });
    expect(await ids()).toEqual(['ann', 'bob', 'cy', 'dan']);
    expect(await Array.fromAsync(gallery.export())).toEqual(before);
  });

  it('erases them where it is told to, with a receipt of each', async () => {
    const { gallery, ids } = await people();
    const { receipts } = await sweepGallery(gallery, { ...all, apply: true });
    expect(receipts).toMatchObject([
      { subject: 'identity', gallery: 'default', identities: 1, templates: 2 },
      { subject: 'identity', gallery: 'default', identities: 1, templates: 2 },
    ]);
    expect(await ids()).toEqual(['cy', 'dan']);
    expect(await sweepGallery(gallery, { ...all, apply: true })).toMatchObject({ due: [], receipts: [] });
  });

  it('erases no more than its limit, and counts all', async () => {
    const { gallery, ids } = await people();
    const { reasons, due, receipts } = await sweepGallery(gallery, { ...all, apply: true, limit: 1 });
    expect([reasons, due.length, receipts.length]).toEqual([{ consent_expired: 1, unseen: 1 }, 1, 1]);
    expect(await ids()).toEqual(['bob', 'cy', 'dan']);
  });

  it('leaves those alone of whom it has heard otherwise meanwhile', async () => {
    const { gallery, ids } = await people();
    const renewed = { ...past, expires: null };
    const slow = {
      ...gallery,
      get: async (id: string | number) => {
        await gallery.update('ann', { consent: renewed });
        return gallery.get(id);
      },
    };
    const { receipts } = await sweepGallery(slow, {
      ...all,
      rule: retentionRule({ unseen_days: null }, now),
      apply: true,
    });
    expect(receipts).toEqual([]);
    expect(await ids()).toContain('ann');
  });

  it('looks for nobody who was not seen where that does not count', async () => {
    const { gallery } = await people();
    const { reasons } = await sweepGallery(gallery, {
      ...all,
      rule: retentionRule({ unseen_days: null }, now),
      apply: false,
    });
    expect(reasons).toEqual({ consent_expired: 1, unseen: 0 });
  });
});

describe('the sweeper of a service', () => {
  async function run(sweep: RetentionConfig['sweep'], forMs: number) {
    const { store, ids } = await people();
    vi.useFakeTimers({ now });
    onTestFinished(() => void vi.useRealTimers());
    const said: object[] = [];
    const notes: object[] = [];
    const actors: string[] = [];
    const sweeper = startSweeper({
      retention: { unseen_days: 30, sweep, every_hours: 24 },
      store,
      audit: {
        note: async deed => void notes.push(deed),
        actingAs: (actor, work) => {
          actors.push(actor);
          return work();
        },
      },
      logger: { info: fields => said.push(fields), warn: fields => said.push(fields) },
      now: () => now,
    });
    await vi.advanceTimersByTimeAsync(forMs);
    await sweeper.close();
    vi.useRealTimers();
    return { ids: await ids(), said, notes, actors, tally: sweeper.tally() };
  }

  it('does nothing unless it is told to', async () => {
    expect(await run('off', 86_400_000)).toMatchObject({
      ids: ['ann', 'bob', 'cy', 'dan'],
      said: [],
      notes: [],
      tally: { erased: 0, last: null },
    });
  });

  it('counts who is due, without their ids in the log', async () => {
    const { ids, said, actors, tally } = await run('dry_run', 61_000);
    expect(ids).toEqual(['ann', 'bob', 'cy', 'dan']);
    expect(actors).toEqual(['sweeper']);
    expect(said).toEqual([{ gallery: 'default', consent_expired: 1, unseen: 1, erased: 0 }]);
    expect(tally).toEqual({ erased: 0, last: { due: 2, ended: now } });
  });

  it('erases them a minute after the start, and looks again after its hours', async () => {
    const { ids, said, notes, tally } = await run('erase', 24 * 3_600_000 + 120_000);
    expect(ids).toEqual(['cy', 'dan']);
    expect(said.map(one => (one as { erased: number }).erased)).toEqual([2, 0]);
    expect(notes).toHaveLength(2);
    expect(tally).toEqual({ erased: 2, last: { due: 0, ended: now } });
  });

  it('leaves a line in the audit log for each who is erased, by whose id it is found', async () => {
    const { store } = await people();
    const dataDir = await mkdtemp(path.join(tmpdir(), 'face-id-sweeper-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const audit = await openAudit({ dataDir, actor: 'local' });
    onTestFinished(() => audit.close());
    vi.useFakeTimers({ now });
    onTestFinished(() => void vi.useRealTimers());
    const sweeper = startSweeper({
      retention: { unseen_days: 30, sweep: 'erase', every_hours: 24 },
      store: auditStore(store, audit),
      audit,
      logger: { info: () => {}, warn: () => {} },
      now: () => now,
    });
    vi.advanceTimersByTime(61_000);
    vi.useRealTimers();
    await expect.poll(() => sweeper.tally().last).toEqual({ due: 0, ended: now });
    await sweeper.close();
    const places = auditPlaces(dataDir);
    const subjectOf = await openAuditKey(places);
    const lines = (await Array.fromAsync(readAuditLines(places))).filter(({ outcome }) => outcome === 'done');
    const by = { actor: 'sweeper', action: 'identity.erase' };
    expect(lines).toMatchObject([
      { ...by, subjects: [subjectOf('ann')] },
      { ...by, subjects: [subjectOf('bob')] },
      { actor: 'sweeper', action: 'gallery.sweep', details: { erased: 2 } },
    ]);
  });

  it('looks at no further gallery, and says of none that it was swept, once it is closed', async () => {
    const { store } = await people();
    await store.createGallery({ name: 'second', kind: 'face', model });
    vi.useFakeTimers({ now });
    onTestFinished(() => void vi.useRealTimers());
    const swept: string[] = [];
    const sweeper = startSweeper({
      retention: { unseen_days: 30, sweep: 'dry_run', every_hours: 24 },
      store,
      audit: {
        note: async ({ gallery }) => {
          swept.push(String(gallery));
          void sweeper.close();
        },
        actingAs: (_, work) => work(),
      },
      logger: { info: () => {}, warn: () => {} },
      now: () => now,
    });
    await vi.advanceTimersByTimeAsync(61_000);
    await sweeper.close();
    expect(swept).toEqual(['default']);
    expect(sweeper.tally()).toEqual({ erased: 0, last: null });
  });
});
