import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAudit } from '../../../../face_id_api/audit/audit.ts';
import { auditPlaces } from '../../../../face_id_api/audit/audit-files.ts';
import type { AuditLine } from '../../../../face_id_api/audit/audit-line.ts';
import { auditStore } from '../../../../face_id_api/audit/audit-store.ts';
import { readAuditLines } from '../../../../face_id_api/audit/read-audit.ts';
import { createLocalStore } from '../../../../face_id_api/store/local-store.ts';
import { at, model, signal, templates } from '../../../contract/face_id_api/store.ts';
import { tempFolder } from '../../triton/build/temp-folder.ts';

async function setUp() {
  const dataDir = path.join(await tempFolder(), 'data_dir');
  const plain = createLocalStore({ dataDir: ':memory:', model });
  const audit = await openAudit({ dataDir, actor: 'local' });
  onTestFinished(async () => {
    await plain.close();
    await audit.close();
  });
  const store = auditStore(plain, audit);
  const lines = (): Promise<AuditLine[]> => Array.fromAsync(readAuditLines(auditPlaces(dataDir)));
  return { store, gallery: store.gallery('default'), plain, audit, lines };
}

const put = (id: string, ...degrees: number[]) => ({
  id,
  mode: 'append' as const,
  templates: templates(...degrees.map(degree => at(degree))),
});

describe('a store with an audit log', () => {
  it('has a begun and a done line for every change, and none for what only reads', async () => {
    const { store, gallery, lines } = await setUp();
    const { added } = await gallery.put({ ...put('ann', 0, 10), fields: { name: 'Ann Lee' } });
    await gallery.put(put('bob', 60));
    await gallery.update('ann', { name: 'Ann', metadata: { team: 'a' } });
    await gallery.move({ templates: [added[1]!], from: 'ann', to: 'eve', toNew: true });
    await gallery.merge('eve', 'ann');
    const [rejected] = await gallery.reject('ann', [{ vector: at(120), sourceSha256: 'other', detector: 'mtcnn' }]);
    await gallery.removeRejection('ann', rejected!.id);
    await gallery.setDistinct('ann', 'bob', true);
    await gallery.setDistinct('ann', 'bob', false);
    const unknown = { vector: at(170), detector: 'mtcnn', seen: '2026-11-30T00:00:00.000Z' };
    await gallery.keepUnknowns([unknown, unknown], 10);
    const [face] = await gallery.listUnknowns('');
    await gallery.enrolUnknowns(put('bob', 170), [face!.id]);
    await gallery.removeUnknowns({ seenBefore: '2027' });
    await gallery.removeTemplate('ann', added[1]!);
    await gallery.remove('bob');
    const records = await Array.fromAsync(gallery.export());
    await gallery.removeAll();
    await gallery.import(records);
    await store.createGallery({ name: 'staff', kind: 'face', model });
    await store.deleteGallery('staff');
    await store.switchBeside('default', model.fingerprint);

    await gallery.search([at(0)], { topK: 1, signal });
    await gallery.get('ann');
    await gallery.list({ limit: 5, after: null });
    await gallery.listTemplates('ann');
    await gallery.readTemplate('ann', added[0]!);
    await gallery.see(new Map([['ann', '2026-11-30']]));
    await gallery.describe();
    await gallery.listRejections('ann');
    await gallery.people({ limit: 5, after: null });
    await gallery.listDistinct('ann');
    await gallery.oldestUnknown();
    await store.listGalleries();
    await expect(store.compareBeside('default')).rejects.toMatchObject({ code: 'GALLERY_NOT_FOUND' });
    const found = await lines();
    const done = found.filter(({ outcome }) => outcome === 'done');
    expect(done.map(({ action }) => action)).toEqual([
      'identity.enrol',
      'identity.enrol',
      'identity.update',
      'template.move',
      'identity.merge',
      'rejection.add',
      'rejection.erase',
      'identities.distinguish',
      'identities.undistinguish',
      'unknowns.enrol',
      'unknowns.erase',
      'template.erase',
      'identity.erase',
      'gallery.export',
      'identities.erase',
      'identities.import',
      'gallery.make',
      'gallery.erase',
      'gallery.switch',
    ]);
    // An export has one line: it changes nothing that could fail.
    expect(found.filter(({ outcome }) => outcome === 'begun')).toHaveLength(done.length - 1);
    expect(found[0]?.details).toEqual({ mode: 'append', templates: 2, fields: ['name'] });
    expect(done[0]?.details).toEqual({ begun: 1, templates: 2 });
    expect(done[2]?.details).toEqual({ begun: 5 });
    expect(found.find(({ action }) => action === 'identity.update')?.details).toEqual({ fields: ['name', 'metadata'] });
    const erased = done.find(({ action }) => action === 'identity.erase');
    expect(erased?.details).toMatchObject({ identities: 1, templates: 2, places: expect.any(Array) });
    expect(done.find(({ action }) => action === 'identities.distinguish')?.subjects).toHaveLength(2);
    expect(done.find(({ action }) => action === 'unknowns.erase')).toMatchObject({
      subjects: [],
      details: { templates: 1 },
    });
    expect(JSON.stringify(found)).not.toMatch(/ann|bob|eve|Lee|team/i);
  });

  it('finds the lines about one of them, also of those who are gone', async () => {
    const { gallery, audit } = await setUp();
    await gallery.put(put('ann', 0));
    await gallery.put(put('bob', 60));
    await gallery.merge('bob', 'ann');
    await gallery.remove('ann');
    const about = async (id: string) =>
      (await Array.fromAsync(audit.about('default', id))).flatMap(({ action, outcome }) =>
        outcome === 'done' ? action : [],
      );
    expect(await about('ann')).toEqual(['identity.enrol', 'identity.merge', 'identity.erase']);
    expect(await about('bob')).toEqual(['identity.enrol', 'identity.merge']);
    await gallery.removeAll();
    expect((await about('bob')).at(-1)).toBe('identities.erase');
  });

  it('makes no change that it cannot write down', async () => {
    const { gallery, plain, audit } = await setUp();
    await audit.close();
    await expect(gallery.put(put('ann', 0))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await plain.gallery('default').get('ann')).toBeNull();
  });
});
