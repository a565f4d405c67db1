import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IdentityPatch } from '../../../face_id_api/core/identity-fields.ts';
import { compareIds, type IdentityId } from '../../../face_id_api/core/identity-id.ts';
import type { Gallery, IdentityRecord } from '../../../face_id_api/store/store.ts';
import { expectVector, model, type StoreHome, signal, templates } from './store.ts';

/** What a gallery should hold: identities with the vectors of their templates by id, in the order in which they came. */
type Known = { name: string | null; templates: Map<string, Float32Array> };
type Model = Map<IdentityId, Known>;

/** Few ids, names and directions, so that ties, replacements and the same person happen often. */
const id: fc.Arbitrary<IdentityId> = fc.oneof(fc.nat({ max: 4 }), fc.constantFrom('0', 'a', 'b'));
const vector = fc
  .array(fc.integer({ min: -2, max: 2 }), { minLength: model.dimension, maxLength: model.dimension })
  .filter(values => values.some(value => value !== 0))
  .map(values => Float32Array.from(values, value => value / Math.hypot(...values)));
const vectors = fc.array(vector, { minLength: 1, maxLength: 4 });
const name = fc.option(fc.constantFrom('Ada', 'Bert'), { nil: null });
const pick = fc.nat({ max: 5 });

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), id, vectors, replace: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), id, name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('removeTemplate' as const), id, pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), id, to: id, pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('merge' as const), id, to: id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reimport' as const), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('removeAll' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Whatever is done in whatever order, a store holds and finds what a plain map would. */
export function storeModelContract(
  storeName: string,
  makeHome: () => Promise<StoreHome>,
  { keeps }: { keeps: boolean },
): void {
  describe(`${storeName} beside a plain map`, () => {
    it('holds, lists, exports and finds the same after any sequence of changes', { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 25 }),
          vector,
          fc.integer({ min: 1, max: 9 }),
          async (steps, probe, topK) => {
            const home = await makeHome();
            let store = await home.open();
            try {
              const expected: Model = new Map();
              for (const one of steps) {
                if (one.do === 'reopen') {
                  if (!keeps) continue;
                  await store.close();
                  store = await home.open();
                } else {
                  await apply(store.gallery('default'), expected, one);
                }
              }
              await compare(store.gallery('default'), expected, { probe, topK, home });
            } finally {
              await store.close();
              await home.drop();
            }
          },
        ),
        { numRuns: 40 },
      );
    });
  });
}

async function apply(gallery: Gallery, expected: Model, one: Exclude<Step, { do: 'reopen' }>): Promise<void> {
  if (one.do === 'removeAll') {
    await gallery.removeAll();
    return expected.clear();
  }
  const known = expected.get(one.id);
  const template = [...(known?.templates.keys() ?? [])]['pick' in one ? one.pick : 0];
  switch (one.do) {
    case 'put': {
      const mode = one.replace ? 'replace' : 'append';
      const { added } = await gallery.put({ id: one.id, mode, templates: templates(...one.vectors) });
      const kept: Iterable<[string, Float32Array]> = one.replace ? [] : (known?.templates ?? []);
      const all = new Map(kept);
      for (const [i, key] of added.entries()) all.set(key, one.vectors[i]!);
      expected.set(one.id, { name: known?.name ?? null, templates: all });
      return;
    }
    case 'update': {
      const patch: IdentityPatch = { name: one.name };
      if (known === undefined) return void (await refused(gallery.update(one.id, patch), 'UNKNOWN_ID'));
      await gallery.update(one.id, patch);
      known.name = one.name;
      return;
    }
    case 'remove': {
      const { identities, templates: count } = await gallery.remove(one.id);
      expect([identities, count]).toEqual(known === undefined ? [0, 0] : [1, known.templates.size]);
      expected.delete(one.id);
      return;
    }
    case 'removeTemplate':
      if (template === undefined) return;
      await gallery.removeTemplate(one.id, template);
      known?.templates.delete(template);
      return;
    case 'move': {
      if (template === undefined || one.to === one.id) return;
      const target = expected.get(one.to);
      await gallery.move({ templates: [template], from: one.id, to: one.to, toNew: target === undefined });
      give(expected, one.id, one.to, [template]);
      return;
    }
    case 'merge': {
      if (known === undefined || one.to === one.id) return;
      if (!expected.has(one.to)) return void (await refused(gallery.merge(one.id, one.to), 'UNKNOWN_ID'));
      await gallery.merge(one.id, one.to);
      give(expected, one.id, one.to, [...known.templates.keys()]);
      expected.delete(one.id);
      return;
    }
    case 'reimport': {
      const records = await Array.fromAsync(gallery.export());
      await gallery.import(records.filter(record => record.id === one.id));
    }
  }
}

function give(expected: Model, from: IdentityId, to: IdentityId, ids: readonly string[]): void {
  const source = expected.get(from)!;
  const target = expected.get(to) ?? { name: null, templates: new Map() };
  expected.set(to, target);
  for (const key of ids) {
    target.templates.set(key, source.templates.get(key)!);
    source.templates.delete(key);
  }
}

async function refused(work: Promise<unknown>, code: string): Promise<void> {
  await expect(work).rejects.toMatchObject({ code });
}

type Asked = { readonly probe: Float32Array; readonly topK: number; readonly home: StoreHome };

async function compare(gallery: Gallery, expected: Model, { probe, topK, home }: Asked): Promise<void> {
  const ids = [...expected.keys()].sort(compareIds);
  const { identities } = await gallery.list({ limit: 100, after: null });
  const inShort = identities.map(one => [one.id, one.name, one.templates]);
  expect(inShort).toEqual(ids.map(key => [key, expected.get(key)!.name, expected.get(key)!.templates.size]));
  const templateCount = ids.map(key => expected.get(key)!.templates.size).reduce((a, b) => a + b, 0);
  expect(await gallery.describe()).toMatchObject({ identities: ids.length, templates: templateCount });

  const exported: IdentityRecord[] = await Array.fromAsync(gallery.export());
  expect(exported.map(record => record.id)).toEqual(ids);
  for (const record of exported) {
    const known = expected.get(record.id)!.templates;
    expect(new Set(record.templates.map(({ id: key }) => key))).toEqual(new Set(known.keys()));
    for (const { id: key, vector: values } of record.templates) expectVector(values, known.get(key)!, home);
  }

  const scores = new Map(
    [...expected].flatMap(([key, { templates: held }]) =>
      held.size === 0 ? [] : [[key, Math.max(...[...held.values()].map(values => dot(probe, values)))] as const],
    ),
  );
  const [found = []] = await gallery.search([probe], { topK, signal });
  expect(found).toHaveLength(Math.min(topK, scores.size));
  for (const { id: key, score } of found) expect(score).toBeCloseTo(scores.get(key) ?? Number.NaN, 5);
  for (const [i, here] of found.slice(1).entries()) {
    const before = found[i]!;
    expect(before.score > here.score || (before.score === here.score && compareIds(before.id, here.id) < 0)).toBe(true);
  }
  const worst = found.at(-1)?.score ?? 0;
  for (const [key, score] of scores) {
    if (!found.some(candidate => candidate.id === key)) expect(score).toBeLessThanOrEqual(worst + 1e-5);
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
