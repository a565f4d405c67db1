import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { GalleryRow, GalleryTable } from '../../../../face_id_api/store/gallery-table.ts';
import { createGalleryVectors, type GalleryVectors } from '../../../../face_id_api/store/gallery-vectors.ts';
import type { IndexFiles } from '../../../../face_id_api/store/index-files.ts';
import type { IndexReplies, IndexRequest } from '../../../../face_id_api/store/index-request.ts';
import type { TemplateTable } from '../../../../face_id_api/store/template-table.ts';
import type { IndexThread } from '../../../../face_id_api/store/usearch-thread.ts';

const dimension = 2;
const row: GalleryRow = {
  key: 1,
  name: 'default',
  kind: 'face',
  model: { name: 'm', fingerprint: 'f', dimension },
  created: '',
  identities: 0,
  templates: 0,
  file: null,
  rotation: null,
};
const vectorOf = (key: number): Float32Array => Float32Array.of(Math.cos(key / 10), Math.sin(key / 10));

/** An index thread that does one request when it is told to, and gives the answer when it is told to. */
function slowThread() {
  type Waiting = { request: IndexRequest; reply?: unknown; answer: (reply: unknown) => void; fail: (e: Error) => void };
  const asked: Waiting[] = [];
  const done: Waiting[] = [];
  /** What the index holds, exactly. */
  const held = new Map<number, Float32Array>();
  /** What every file holds. */
  const files = new Map<string, number[]>();
  let failure: string | null = null;

  function reply(request: IndexRequest): unknown {
    switch (request.ask) {
      case 'add':
        for (const [i, key] of request.keys.entries()) held.set(key, request.vectors.slice(i * 2, i * 2 + 2));
        return null;
      case 'remove':
        return [...request.keys].filter(key => held.delete(key)).length;
      case 'search': {
        const scored = [...held].map(([key, v]) => ({
          key,
          score: v[0]! * request.probe[0]! + v[1]! * request.probe[1]!,
        }));
        scored.sort((a, b) => b.score - a.score);
        const named = scored.slice(0, request.look.depth);
        const keys = Float64Array.from(named, ({ key }) => key);
        const scores = Float32Array.from(named, ({ score }) => score);
        return { keys, scores, all: scored.length < request.look.depth };
      }
      case 'save':
        files.set(request.file, [...held.keys()]);
        return 'sha';
      case 'drop':
        held.clear();
        return null;
      default:
        return null;
    }
  }

  const thread: IndexThread = {
    ask<Ask extends keyof IndexReplies, Result>(
      request: IndexRequest & { ask: Ask },
      onReply?: (reply: IndexReplies[Ask]) => Result,
    ) {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      const answer = (given: unknown): void => {
        try {
          resolve(onReply ? onReply(given as IndexReplies[Ask]) : (given as Result));
        } catch (error) {
          reject(error);
        }
      };
      asked.push({ request, answer, fail: reject });
      return promise;
    },
    failure: () => failure,
    close: async () => {},
  };
  const work = (): boolean => {
    const next = asked.shift();
    if (next === undefined) return false;
    next.reply = reply(next.request);
    done.push(next);
    return true;
  };
  const answer = (): boolean => {
    const next = done.shift();
    next?.answer(next.reply);
    return next !== undefined;
  };
  return {
    thread,
    held,
    files,
    work,
    answer,
    /** Until nothing is left to do. */
    async settle(): Promise<void> {
      while (work() || answer()) await Promise.resolve();
    },
    die(): void {
      failure = 'it fell over';
      held.clear();
      for (const one of [...asked.splice(0), ...done.splice(0)]) one.fail(new Error(failure));
    },
  };
}

/** The vectors of a gallery over a slow thread, with `truth` in place of the database. */
function start(indexFrom = 1) {
  const slow = slowThread();
  const truth = new Map<number, Float32Array>();
  let named: string | null = null;
  let names = 0;
  const files: IndexFiles = {
    newName: () => `${++names}`,
    pathOf: name => name,
    sealOf: () => null,
    remove(_, kept) {
      const gone = [...slow.files.keys()].filter(name => name !== kept);
      for (const name of gone) slow.files.delete(name);
      return gone.length > 0;
    },
    keepOnly: () => {},
  };
  const galleries = {
    setFile(_: number, file: { name: string } | null) {
      named = file?.name ?? null;
    },
    get: () => ({ ...row, templates: truth.size, file: named === null ? null : { name: named, sha256: 'sha' } }),
  } as unknown as GalleryTable;
  const templates = {
    behind: () => [],
    keys: () => Float64Array.from(truth.keys()),
    vector: (key: number) => truth.get(key) ?? null,
    newest: () => 0,
  } as unknown as TemplateTable;
  const warnings: string[] = [];
  const warn = (_: object, message: string): void => void warnings.push(message);
  const vectors = createGalleryVectors({ thread: slow.thread, galleries, templates, files, indexFrom, warn }, row);
  return {
    slow,
    truth,
    vectors,
    warnings,
    named: () => named,
    add(...keys: number[]): void {
      for (const key of keys) truth.set(key, vectorOf(key));
      vectors.add(keys.map(key => ({ key, vector: vectorOf(key) })));
    },
    erase(...keys: number[]): ReturnType<GalleryVectors['erase']> {
      for (const key of keys) truth.delete(key);
      named = null;
      return vectors.erase(keys);
    },
  };
}

/** Every key that a search names and the truth still has. */
function seen(
  vectors: GalleryVectors,
  truth: ReadonlyMap<number, unknown>,
): Promise<{ at: number[]; truth: number[] }> {
  return vectors.nearest(vectorOf(1), { depth: 1000, effort: 0, further: 0 }, (memory, index) => {
    const keys = new Set([...memory.map(({ key }) => key), ...index.keys].filter(key => truth.has(key)));
    return { at: [...keys].sort((a, b) => a - b), truth: [...truth.keys()].sort((a, b) => a - b) };
  });
}

describe('the vectors of a gallery', () => {
  it('are all seen by every search, and nothing that is gone, whatever the thread has done so far', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), count: fc.integer({ min: 1, max: 12 }) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('erase' as const), which: fc.nat({ max: 40 }) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('forget' as const), which: fc.nat({ max: 40 }) }) },
      { weight: 8, arbitrary: fc.constant({ do: 'work' as const }) },
      { weight: 8, arbitrary: fc.constant({ do: 'answer' as const }) },
      { weight: 3, arbitrary: fc.constant({ do: 'search' as const }) },
      { weight: 4, arbitrary: fc.constant({ do: 'save' as const }) },
      { weight: 1, arbitrary: fc.constant({ do: 'die' as const }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), async (steps, indexFrom) => {
        const { slow, truth, vectors, add, erase, named } = start(indexFrom);
        const searches: ReturnType<typeof seen>[] = [];
        const erasures: Promise<unknown>[] = [];
        const erased: number[] = [];
        let key = 0;
        for (const one of steps) {
          const chosen = 'which' in one ? [...truth.keys()][one.which % Math.max(1, truth.size)] : undefined;
          if (one.do === 'add') add(...Array.from({ length: one.count }, () => ++key));
          if (one.do === 'erase' && chosen !== undefined) {
            erased.push(chosen);
            erasures.push(
              erase(chosen).then(() => {
                expect(slow.held.has(chosen)).toBe(false);
                for (const inFile of slow.files.values()) expect(inFile).not.toContain(chosen);
              }),
            );
          }
          if (one.do === 'forget' && chosen !== undefined) {
            truth.delete(chosen);
            vectors.forget([chosen]);
          }
          if (one.do === 'work') slow.work();
          if (one.do === 'answer') slow.answer();
          if (one.do === 'search') searches.push(seen(vectors, truth));
          if (one.do === 'save') void vectors.saveIfDue();
          if (one.do === 'die') {
            slow.die();
            vectors.indexFailed();
          }
          await Promise.resolve();
          // A kill may come at any moment: what the next start would read holds nothing that was erased.
          for (const gone of erased) expect(slow.files.get(named() ?? '') ?? []).not.toContain(gone);
        }
        await slow.settle();
        await Promise.all(erasures);
        searches.push(seen(vectors, truth));
        await slow.settle();
        for (const { at, truth: then } of await Promise.all(searches)) expect(at).toEqual(then);
      }),
      { numRuns: 500 },
    );
  });

  it('say what the index lacks, and from where on there is one', async () => {
    const { slow, vectors, add } = start(4);
    add(1, 2, 3);
    expect(vectors.indexed()).toBe(false);
    add(4, 5);
    expect(vectors.indexed()).toBe(true);
    expect(vectors.problem()).toMatch(/lacks 5 templates/);
    await slow.settle();
    expect(vectors.problem()).toBeNull();
    expect([...slow.held.keys()]).toEqual([1, 2, 3, 4, 5]);
  });

  it('are scanned in memory once the thread has died, and say so', async () => {
    const { slow, truth, vectors, add, warnings } = start();
    add(1, 2, 3);
    await slow.settle();
    slow.die();
    vectors.indexFailed();
    expect(vectors.problem()).toBe('there is no index: it fell over');
    expect(warnings).toHaveLength(1);
    add(4);
    expect((await seen(vectors, truth)).at).toEqual([1, 2, 3, 4]);
  });

  it('are not kept of a save that an erasure overtook', async () => {
    const { slow, vectors, add, erase, named } = start(2);
    add(1, 2, 3);
    await slow.settle();
    const saving = vectors.saveIfDue();
    slow.work();
    const erasing = erase(2);
    slow.answer();
    expect(named()).toBeNull();
    await slow.settle();
    await Promise.all([saving, erasing]);
    expect(slow.files.size).toBe(0);
  });

  it('are saved when a tenth is new, or nothing is saved, and not before', async () => {
    const { slow, vectors, add, erase, named } = start(2);
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    onTestFinished(() => clock.mockRestore());
    const pause = () => clock.mockReturnValue(performance.now() + 1);
    pause();
    const save = async (): Promise<void> => {
      const saving = vectors.saveIfDue();
      await slow.settle();
      await saving;
    };
    add(...Array.from({ length: 20 }, (_, i) => i + 1));
    await slow.settle();
    await save();
    const first = named();
    expect(slow.files.get(first ?? '')).toHaveLength(20);
    add(21);
    await slow.settle();
    await save();
    expect(named()).toBe(first);
    add(22, 23, 24);
    await slow.settle();
    pause();
    await save();
    expect(named()).not.toBe(first);
    expect([...slow.files.keys()]).toEqual([named()]);
    const erasing = erase(24);
    await slow.settle();
    expect(await erasing).toEqual({ memory: 0, index: 1, file: 1 });
    expect(slow.files.size).toBe(0);
    pause();
    await save();
    expect(slow.files.get(named() ?? '')).toHaveLength(23);
  });
});
