import { describe, expect, it } from 'vitest';
import type { Consent } from '../../../face_id_api/core/consent.ts';
import type { IdentityId } from '../../../face_id_api/core/identity-id.ts';
import type { Gallery } from '../../../face_id_api/store/store.ts';
import { at, expectRecords, type StoreHome, signal, startStore, templates } from './store.ts';

/** Ends long after, or ended long before, any run of these tests. */
const holding: Consent = { purpose: 'door', given: '2026-01-01T00:00:00Z', expires: '2100-01-01T00:00:00.000Z' };
const endless: Consent = { ...holding, expires: null };
const toCome: Consent = { ...holding, given: '2099-01-01T00:00:00Z' };
const expired: Consent = { ...holding, expires: '2026-01-02T00:00:00Z' };

/** What every store does with consents, and with the day on which somebody was recognised. */
export function consentContract(name: string, makeHome: () => Promise<StoreHome>): void {
  const start = () => startStore(makeHome);
  const startStrict = () => startStore(makeHome, { requireConsent: true });

  const found = async (gallery: Gallery, by: 'template' | 'person' = 'template', topK = 5): Promise<IdentityId[]> =>
    ((await gallery.search([at(0)], { topK, by, signal }))[0] ?? []).map(({ id }) => id);
  const enrol = (gallery: Gallery, id: IdentityId, degrees: number, consent?: Consent) =>
    gallery.put({ id, mode: 'append', templates: templates(at(degrees)), ...(consent && { fields: { consent } }) });

  describe(`${name} and consents`, () => {
    it('keeps one as it was given, through enrolments, corrections, export and import', async () => {
      const { gallery } = await start();
      await enrol(gallery, 'a', 0, holding);
      await enrol(gallery, 'a', 10);
      await gallery.update('a', { name: 'Ada' });
      expect(await gallery.get('a')).toMatchObject({ name: 'Ada', consent: holding, templates: 2 });
      expect((await gallery.list({ limit: 5, after: null })).identities[0]?.consent).toEqual(holding);
      const records = await Array.fromAsync(gallery.export());
      await gallery.removeAll();
      await gallery.import(records);
      expect(await gallery.get('a')).toMatchObject({ consent: holding });
      expect(await gallery.update('a', { consent: null })).toMatchObject({ consent: null });
    });

    it('refuses one that is none', async () => {
      const { gallery } = await start();
      await enrol(gallery, 'a', 0, endless);
      for (const consent of [
        { ...holding, purpose: ' ' },
        { ...holding, purpose: 'x'.repeat(257) },
        { ...holding, given: 'yesterday' },
        { ...holding, expires: '2025-01-01T00:00:00Z' },
      ]) {
        await expect(gallery.update('a', { consent })).rejects.toThrow(RangeError);
      }
      expect(await gallery.get('a')).toMatchObject({ consent: endless });
    });

    it.each(['template', 'person'] as const)('finds nobody whose consent has expired, by %s', async by => {
      const { gallery } = await start();
      await enrol(gallery, 'near', 1, holding);
      await enrol(gallery, 'far', 40);
      await enrol(gallery, 'endless', 60, endless);
      expect(await found(gallery, by)).toEqual(['near', 'far', 'endless']);
      await gallery.update('near', { consent: expired });
      expect(await found(gallery, by)).toEqual(['far', 'endless']);
      // The next ones take the places.
      expect(await found(gallery, by, 1)).toEqual(['far']);
      expect(await gallery.get('near')).toMatchObject({ templates: 1, consent: expired });
      await gallery.update('near', { consent: holding });
      expect(await found(gallery, by)).toEqual(['near', 'far', 'endless']);
    });

    it('finds those who are left among many whose consents have expired', async () => {
      const { gallery } = await start();
      for (let i = 0; i < 60; i++) await enrol(gallery, i, i / 10, expired);
      await enrol(gallery, 'left', 80, holding);
      expect(await found(gallery, 'template', 2)).toEqual(['left']);
    });

    it('leaves the consent with the one who stays in a merge, and gives none in a split but what comes with it', async () => {
      const { gallery } = await start();
      await enrol(gallery, 'a', 0, holding);
      const { added } = await enrol(gallery, 'b', 30, expired);
      await enrol(gallery, 'b', 50);
      await gallery.move({
        templates: added,
        from: 'b',
        to: 'c',
        toNew: true,
        fields: { name: 'Cy', consent: endless },
      });
      expect(await gallery.get('c')).toMatchObject({ name: 'Cy', consent: endless, templates: 1 });
      expect(await gallery.merge('b', 'a')).toMatchObject({ consent: holding, templates: 2 });
    });
  });

  describe(`${name} where a consent is required`, () => {
    const refused = { code: 'CONSENT_REQUIRED' };

    it('enrols with one that holds, and nobody without', async () => {
      const { gallery } = await startStrict();
      await expect(enrol(gallery, 'a', 0)).rejects.toMatchObject(refused);
      await expect(enrol(gallery, 'a', 0, expired)).rejects.toMatchObject(refused);
      await expect(enrol(gallery, 'a', 0, toCome)).rejects.toMatchObject(refused);
      expect(await gallery.get('a')).toBeNull();
      await enrol(gallery, 'a', 0, holding);
      await enrol(gallery, 'a', 10);
      expect(await gallery.get('a')).toMatchObject({ templates: 2 });
    });

    it('lets a consent end, and no record of it be taken away', async () => {
      const { gallery } = await startStrict();
      await enrol(gallery, 'a', 0, holding);
      await expect(gallery.update('a', { consent: null })).rejects.toMatchObject(refused);
      await gallery.update('a', { consent: expired });
      expect(await found(gallery)).toEqual([]);
      await expect(enrol(gallery, 'a', 10)).rejects.toMatchObject(refused);
      expect(await gallery.get('a')).toMatchObject({ templates: 1, consent: expired });
    });

    it('gives templates only to those with one, and takes records as they are', async () => {
      const { gallery, home } = await startStrict();
      const { added } = await enrol(gallery, 'a', 0, holding);
      await enrol(gallery, 'b', 30, holding);
      await gallery.update('b', { consent: expired });
      const move = { templates: added, from: 'a', to: 'b', toNew: false };
      await expect(gallery.move(move)).rejects.toMatchObject(refused);
      await expect(gallery.move({ ...move, to: 'c', toNew: true })).rejects.toMatchObject(refused);
      await expect(gallery.merge('a', 'b')).rejects.toMatchObject(refused);
      expect(await gallery.get('c')).toBeNull();
      const records = await Array.fromAsync(gallery.export());
      await gallery.import(records);
      expectRecords(await Array.fromAsync(gallery.export()), records, home);
      await gallery.move({ ...move, to: 'c', toNew: true, fields: { consent: holding } });
      expect(await gallery.get('c')).toMatchObject({ templates: 1 });
    });
  });

  describe(`${name} and the day of the last recognition`, () => {
    it('writes it down without changing anything else, for those who are there', async () => {
      const { gallery } = await start();
      await enrol(gallery, 'a', 0, holding);
      await enrol(gallery, 2576, 30);
      const before = await gallery.get('a');
      expect(before).toMatchObject({ seen: null });
      await gallery.see(
        new Map<IdentityId, string>([
          ['a', '2026-11-30'],
          ['gone', '2026-11-30'],
        ]),
      );
      expect(await gallery.get('a')).toEqual({ ...before, seen: '2026-11-30' });
      expect(await gallery.get(2576)).toMatchObject({ seen: null });
      expect(await gallery.get('gone')).toBeNull();
      await gallery.see(new Map([['a', '2026-12-01']]));
      await gallery.see(new Map());
      expect(await gallery.get('a')).toEqual({ ...before, seen: '2026-12-01' });
      expect(await found(gallery)).toEqual(['a', 2576]);
    });

    it('keeps it through enrolments, export and import, and the later one through a merge', async () => {
      const { gallery } = await start();
      await enrol(gallery, 'a', 0);
      await enrol(gallery, 'b', 30);
      await gallery.see(
        new Map([
          ['a', '2026-11-29'],
          ['b', '2026-11-30'],
        ]),
      );
      await enrol(gallery, 'a', 10);
      const records = await Array.fromAsync(gallery.export());
      expect(records.map(({ seen }) => seen)).toEqual(['2026-11-29', '2026-11-30']);
      await gallery.removeAll();
      await gallery.import(records);
      expect(await gallery.merge('b', 'a')).toMatchObject({ id: 'a', seen: '2026-11-30' });
    });
  });
}
