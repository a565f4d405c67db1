import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyStore } from '../../../../face_id_api/archive/copy-store.ts';
import { exportGallery } from '../../../../face_id_api/archive/export-gallery.ts';
import { importGallery } from '../../../../face_id_api/archive/import-gallery.ts';
import { readLines } from '../../../../face_id_api/archive/read-lines.ts';
import { identityIdPattern } from '../../../../face_id_api/core/identity-id.ts';
import { createLocalStore } from '../../../../face_id_api/store/local-store.ts';
import type { IdentityRecord, Store, Template } from '../../../../face_id_api/store/store.ts';

const model = { name: 'embedder', fingerprint: 'fp-1', dimension: 4 };
const exportedAt = new Date('2026-03-01T00:00:00.000Z');

const text = (maxLength: number) =>
  fc.string({ unit: 'grapheme', minLength: 1, maxLength }).filter(value => value.length <= maxLength);
const time = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map(date => date.toISOString());
const vector = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
  .filter(values => Math.hypot(...values) > 1e-3)
  .map(values => Float32Array.from(values, value => value / Math.hypot(...values)));
const template: fc.Arbitrary<Template> = fc.record({
  id: fc.uuid(),
  vector,
  sourceSha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  detector: fc.constantFrom('mtcnn', 'yunet', ''),
  fingerprint: fc.constant(model.fingerprint),
  created: time,
});
const consent = fc
  .record({ purpose: text(40).filter(purpose => purpose.trim() !== ''), given: time, expires: fc.option(time) })
  .filter(({ given, expires }) => expires === null || given <= expires);
const record: fc.Arbitrary<IdentityRecord> = fc.record(
  {
    id: fc.oneof(fc.maxSafeNat(), fc.stringMatching(identityIdPattern)),
    name: fc.option(text(40)),
    metadata: fc.dictionary(
      fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
      fc.oneof(
        text(20),
        fc.constant(''),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map(x => x + 0),
        fc.boolean(),
      ),
      { maxKeys: 4 },
    ),
    consent: fc.option(consent),
    created: time,
    updated: time,
    seen: fc.option(time.map(at => at.slice(0, 10))),
    templates: fc.uniqueArray(template, { maxLength: 3, selector: ({ id }) => id }),
    rejections: fc.uniqueArray(template, { minLength: 1, maxLength: 2, selector: ({ id }) => id }),
  },
  { requiredKeys: ['id', 'name', 'metadata', 'consent', 'created', 'updated', 'seen', 'templates'] },
);
const records = fc.uniqueArray(record, { maxLength: 12, selector: ({ id }) => `${typeof id}${id}` }).filter(all => {
  const ids = all.flatMap(({ templates, rejections = [] }) => [...templates, ...rejections].map(({ id }) => id));
  const images = all.map(({ templates }) => new Set(templates.map(({ sourceSha256 }) => sourceSha256)));
  // What is enrolled from an image wins over what is rejected of it.
  const isApart = all.every(({ rejections = [] }, i) => !rejections.some(one => images[i]?.has(one.sourceSha256)));
  return new Set(ids).size === ids.length && isApart;
});

async function storeOf(all: readonly IdentityRecord[]): Promise<Store> {
  const store = createLocalStore({ dataDir: ':memory:', model });
  await store.gallery('default').import(all);
  return store;
}

async function archiveOf(store: Store): Promise<string> {
  const gallery = store.gallery('default');
  return (await Array.fromAsync(exportGallery(gallery, await gallery.describe(), exportedAt))).join('');
}

/** The bytes in pieces of some length. */
async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

describe('an archive', () => {
  it('is, once imported, exported as it was, whatever was in it and however it came', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.integer({ min: 1, max: 2000 }), async (all, length) => {
        const first = await storeOf(all);
        const second = await storeOf([]);
        try {
          const archive = await archiveOf(first);
          const imported = await importGallery(second.gallery('default'), inPieces(Buffer.from(archive), length));
          const templates = all.reduce((sum, one) => sum + one.templates.length, 0);
          expect(imported).toEqual({ identities: all.length, templates, refused: [], refusedCount: 0, complete: true });
          expect(await archiveOf(second)).toBe(archive);
        } finally {
          await first.close();
          await second.close();
        }
      }),
      { numRuns: 40 },
    );
  });

  it('holds what a copy of the store holds', async () => {
    await fc.assert(
      fc.asyncProperty(records, async all => {
        const first = await storeOf(all);
        const second = createLocalStore({ dataDir: ':memory:', model });
        try {
          await first.createGallery({ name: 'staff', kind: 'face', model });
          await first.gallery('staff').import(all);
          const templates = 2 * all.reduce((sum, one) => sum + one.templates.length, 0);
          expect(await copyStore(first, second)).toEqual({ galleries: 2, identities: 2 * all.length, templates });
          for (const name of ['default', 'staff']) {
            const [mine, theirs] = [first.gallery(name), second.gallery(name)];
            expect(await Array.fromAsync(theirs.export())).toEqual(await Array.fromAsync(mine.export()));
          }
        } finally {
          await first.close();
          await second.close();
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('readLines', () => {
  it('gives the lines of a text, whatever pieces it comes in', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map(value => value.replaceAll('\n', ''));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 9 }), fc.boolean(), async (lines, length, ended) => {
        const text = lines.join('\n') + (ended && lines.length > 0 ? '\n' : '');
        const found = await Array.fromAsync(readLines(inPieces(Buffer.from(text), length), 1000));
        const expected = text.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(found.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(expected);
        expect(found.map(one => one.line)).toEqual(expected.map((_, i) => i + 1));
      }),
    );
  });
});
