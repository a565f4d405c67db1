import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CliError } from '../../../../face_id_api/cli/cli-error.ts';
import type { NamedPhoto } from '../../../../face_id_api/cli/find-photos.ts';
import type { IdentityId } from '../../../../face_id_api/core/identity-id.ts';
import { toBesideRecord } from '../../../../face_id_api/reembed/carry-over.ts';
import { compareRecords } from '../../../../face_id_api/reembed/compare-records.ts';
import type { ReembedEngine } from '../../../../face_id_api/reembed/embed-templates.ts';
import { reembedGallery } from '../../../../face_id_api/reembed/reembed-gallery.ts';
import { describeReport, toReport } from '../../../../face_id_api/reembed/reembed-report.ts';
import { createStorePair } from '../../../../face_id_api/reembed/store-pair.ts';
import { createLocalStore } from '../../../../face_id_api/store/local-store.ts';
import { brokenPhoto, fakeFinder, photo, toBytes, vectorOf } from '../../../api/face_id_api/fake-deps.ts';
import { named, nextCard, nextEngine, noProgress, oldCard } from './next-model.ts';

const model = { name: oldCard.name, fingerprint: oldCard.fingerprint, dimension: 8 };
const signal = new AbortController().signal;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The same faces in a file of its own. */
const copy = (n: number, ...who: number[]): Buffer => Buffer.concat([photo(...who), Buffer.alloc(n, ' ')]);

function start() {
  const store = createLocalStore({ dataDir: ':memory:', model });
  onTestFinished(() => store.close());
  const gallery = store.gallery('default');
  const beside = store.gallery('default--beside');
  const pair = createStorePair(store, 'default');
  return {
    ...{ store, gallery, beside, pair },
    enrol: (id: IdentityId, bytes: Buffer, who: number) =>
      gallery.put({
        id,
        mode: 'append',
        templates: [{ vector: vectorOf(who), sourceSha256: sha256(bytes), detector: 'mtcnn' }],
      }),
    run: (photos: readonly NamedPhoto[], engine: ReembedEngine = nextEngine(), stop: AbortSignal = signal) =>
      reembedGallery(pair, { engine, photos, concurrency: 2, progress: noProgress, signal: stop }),
  };
}

describe('re-embedding a gallery', () => {
  it('carries everybody over with their fields and template ids, by the SHA-256 of the photos alone', async () => {
    const { gallery, beside, enrol, run, store } = start();
    await enrol('ada', photo(1), 1);
    await enrol('ada', copy(1, 1), 1);
    await enrol(7, copy(2, 3), 3);
    await gallery.update('ada', { name: 'Ada', metadata: { team: 'engines' } });
    const done = await run([named(copy(2, 3), 'x/any name.jpg'), named(photo(5)), named(photo(1)), named(copy(1, 1))]);
    expect(done).toMatchObject({ reused: 0, embedded: 3, unread: [] });
    const before = await Array.fromAsync(gallery.export());
    const after = await Array.fromAsync(beside.export());
    const fingerprint = nextCard.fingerprint;
    expect(after).toEqual(
      before.map(record => ({
        ...record,
        templates: record.templates.map(template => ({ ...template, fingerprint })),
      })),
    );
    expect(await beside.describe()).toMatchObject({ model: { name: 'next_embedder', fingerprint } });
    expect(await store.compareBeside('default')).toEqual({ missing: 0, changed: 0, bare: 0, gone: [] });
  });

  it('makes the one beside anew where it holds nobody, so that it does not pass for one that has served', async () => {
    const { enrol, run, beside, store } = start();
    await enrol('ada', photo(1), 1);
    const { name, fingerprint } = nextCard;
    const next = { name, fingerprint, dimension: 8 };
    const { created } = await store.createGallery({ name: 'default--beside', kind: 'face', model: next });
    await delay(5);
    await run([named(photo(1))]);
    const made = await beside.describe();
    expect(made.created > created).toBe(true);
    await delay(5);
    await run([named(photo(1))]);
    expect(await beside.describe()).toEqual(made);
  });

  it('takes a photo for everybody who was enrolled from it', async () => {
    const { enrol, run, beside } = start();
    const group = toBytes({ faces: [{ who: 1 }, { who: 2 }, { who: 3 }] });
    await enrol('second', group, 2);
    await enrol('third', group, 3);
    expect(await run([named(group), named(group)])).toMatchObject({ embedded: 1 });
    for (const [id, who] of [
      ['second', 2],
      ['third', 3],
    ] as const) {
      const [template] = await beside.listTemplates(id);
      expect((await beside.readTemplate(id, template!.id)).vector).toEqual(vectorOf(who));
    }
  });

  it('takes the largest of several faces where the old model is not at hand', async () => {
    const { enrol, run, beside } = start();
    const group = photo(1, 2);
    await enrol('second', group, 2);
    await run([named(group)], nextEngine({ old: null }));
    const [template] = await beside.listTemplates('second');
    expect((await beside.readTemplate('second', template!.id)).vector).toEqual(vectorOf(1));
  });

  it('says why a template could not be carried over, and keeps its person by name', async () => {
    const { enrol, run, beside, store, pair } = start();
    await enrol('absent', photo(1), 1);
    await enrol('broken', brokenPhoto('UNREADABLE'), 1);
    await enrol('faceless', photo(), 1);
    await enrol('others', photo(3, 4), 1);
    await enrol('half', photo(2), 2);
    await enrol('half', copy(9, 2), 2);
    const photos = [brokenPhoto('UNREADABLE'), photo(), photo(3, 4), photo(2)].map(bytes => named(bytes));
    const locked: NamedPhoto = {
      name: 'locked.jpg',
      read: async () => {
        throw new CliError('NO_FILE', 'locked.jpg cannot be read', 1);
      },
    };
    const gallery = await pair.describe();
    const done = await run([locked, ...photos]);
    expect(await store.compareBeside('default')).toEqual({ missing: 0, changed: 0, bare: 4, gone: [] });
    expect(await beside.get('absent')).toMatchObject({ templates: 0 });
    const records = done.identities.map(({ record }) => record);
    const comparison = await compareRecords(records, done.identities.map(toBesideRecord), signal);
    const given = { gallery, after: nextCard, isOldAtHand: true, comparison, made: new Date(0) };
    const report = toReport(done, given);
    expect(report.templates).toEqual({
      ...{ all: 6, carried: 1, reused: 0 },
      lost: { NO_PHOTO: 2, UNREADABLE: 1, NO_FACE: 1, OTHER_FACE: 1 },
    });
    expect(report.lost_identities).toEqual(['absent', 'broken', 'faceless', 'others']);
    expect(report.lost_templates).toHaveLength(5);
    expect(report.photos).toEqual({ looked_at: 4, unread: ['locked.jpg'] });
    const told = describeReport(report).join('\n');
    expect(told).toMatch(/^1 of 6 templates of 5 identities are carried over from fake_embedder to next_embedder/);
    expect(told).toMatch(
      /2 not carried over: no image with the SHA-256[\s\S]*4 identities have lost all[\s\S]*cannot be told/,
    );
    for (const { record } of done.identities) expect(told).not.toContain(String(record.id));
  });

  it('goes on where it was stopped, and does nothing twice', async () => {
    const { enrol, run, beside, store } = start();
    const all = Array.from({ length: 40 }, (_, i) => copy(i, i % 8));
    for (const [i, bytes] of all.entries()) await enrol(i % 10, bytes, i % 8);
    const stop = new AbortController();
    let found = 0;
    const finder = fakeFinder();
    const counting: ReembedEngine['finder'] = {
      ...finder,
      find: (...given) => {
        found += 1;
        if (found === 15) stop.abort(new Error('stopped'));
        return finder.find(...given);
      },
    };
    const photos = all.map(bytes => named(bytes));
    await expect(run(photos, nextEngine({ finder: counting }), stop.signal)).rejects.toThrow('stopped');
    const kept = (await beside.describe()).templates;
    expect(kept).toBeGreaterThan(10);
    expect(kept).toBeLessThan(40);
    // What is not whole yet is not taken for done.
    await expect(store.switchBeside('default', nextCard.fingerprint)).rejects.toMatchObject({ code: 'GALLERY_BEHIND' });
    expect(await run(photos)).toMatchObject({ reused: kept, embedded: 40 - kept });
    expect(await beside.describe()).toMatchObject({ identities: 10, templates: 40 });
    expect(await run(photos)).toMatchObject({ reused: 40, embedded: 0 });
    await store.switchBeside('default', nextCard.fingerprint);
  });

  it('takes over what has changed since, and erases who is gone', async () => {
    const { gallery, enrol, run, beside, store } = start();
    for (const [i, id] of ['ada', 'bob', 'eve'].entries()) await enrol(id, copy(i, i), i);
    const photos = [0, 1, 2, 3].map(i => named(copy(i, i)));
    await run(photos);
    await gallery.update('ada', { name: 'Ada' });
    await enrol('ada', copy(3, 3), 3);
    await gallery.merge('eve', 'bob');
    expect(await run(photos)).toMatchObject({ reused: 3, embedded: 1 });
    expect(await beside.get('ada')).toMatchObject({ name: 'Ada', templates: 2 });
    expect(await beside.get('bob')).toMatchObject({ templates: 2 });
    expect(await beside.get('eve')).toBeNull();
    await store.switchBeside('default', nextCard.fingerprint);
  });

  it('keeps what was carried over when a part fails', async () => {
    const { enrol, run, beside } = start();
    for (let i = 0; i < 7; i++) await enrol(i, copy(i, i), i);
    const finder = fakeFinder();
    const failing: ReembedEngine['finder'] = {
      ...finder,
      find: async (bytes, ...more) => {
        if (Buffer.from(bytes).equals(copy(6, 6))) throw new Error('the detector is away');
        return finder.find(bytes, ...more);
      },
    };
    const photos = Array.from({ length: 7 }, (_, i) => named(copy(i, i)));
    await expect(run(photos, nextEngine({ finder: failing }))).rejects.toThrow(/is away/);
    // The one beside it may have been given up with it.
    expect((await beside.describe()).templates).toBeGreaterThanOrEqual(5);
  });

  it('refuses the model that the gallery has, and a third one beside it', async () => {
    const { enrol, run, store } = start();
    await enrol('ada', photo(1), 1);
    const { old } = nextEngine();
    await expect(run([], nextEngine({ embedder: old!.embedder }))).rejects.toThrow(
      /holds vectors of fake_embedder already/,
    );
    const third = { name: 'third', fingerprint: 'fp-3', dimension: 8 };
    await store.createGallery({ name: 'default--beside', kind: 'face', model: third });
    const [record] = await Array.fromAsync(store.gallery('default').export());
    const templates = record!.templates.map(template => ({ ...template, fingerprint: 'fp-3' }));
    await store.gallery('default--beside').import([{ ...record!, templates }]);
    await expect(run([named(photo(1))])).rejects.toThrow(
      /holds vectors of third, not of next_embedder: erase it first/,
    );
  });
});
