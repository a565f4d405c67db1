import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ServiceError } from '../../../detector/errors.ts';
import type { Audit } from '../../../face_id_api/audit/audit.ts';
import { unknownsConfig } from '../../../face_id_api/config.ts';
import { createLocalStore } from '../../../face_id_api/store/local-store.ts';
import type { Store } from '../../../face_id_api/store/store.ts';
import { createUnknownKeeper } from '../../../face_id_api/unknown-keeper.ts';

const model = { name: 'embedder', fingerprint: 'fp-1', dimension: 4 };
const face = { vector: Float32Array.of(1, 0, 0, 0), detector: 'mtcnn' };

function start(
  config = {},
  over: (store: Store) => Store = store => store,
  audit: Pick<Audit, 'actingAs'> | null = null,
) {
  const local = createLocalStore({ dataDir: ':memory:', model });
  const times = ['2026-03-10T00:00:00.000Z'];
  const warn = vi.fn();
  const onKept = vi.fn();
  const keeper = createUnknownKeeper({
    store: over(local),
    config: unknownsConfig.parse({ keep: true, ...config }),
    warn,
    onKept,
    audit,
    now: () => new Date(times[0]!),
  });
  onTestFinished(async () => {
    await keeper.close();
    await local.close();
  });
  const held = async (gallery = 'default') => (await local.gallery(gallery).listUnknowns('')).length;
  return { keeper, local, warn, onKept, held, at: (time: string) => times.splice(0, 1, time) };
}

describe('the keeper of unknown faces', () => {
  it('writes behind the answers, by itself, all that waits together', async () => {
    const { keeper, held, onKept } = start();
    keeper.keep('default', [face, face]);
    keeper.keep('default', [face]);
    expect(await held()).toBe(0);
    await expect.poll(held).toBe(3);
    expect(onKept.mock.calls).toEqual([[3]]);
  });

  it('writes what waits when it is closed, and not at all where nothing is to be kept', async () => {
    const open = start();
    open.keeper.keep('default', [face]);
    await open.keeper.close();
    expect(await open.held()).toBe(1);
    const off = start({ keep: false });
    off.keeper.keep('default', [face]);
    await off.keeper.close();
    expect(await off.held()).toBe(0);
  });

  it('sees no face that is past its term, and erases it when it sweeps', async () => {
    const { keeper, held, at } = start({ days: 2 });
    keeper.keep('default', [face]);
    await keeper.flush();
    at('2026-03-12T00:00:00.000Z');
    expect(keeper.since()).toBe('2026-03-10T00:00:00.000Z');
    await keeper.sweep();
    expect(await held()).toBe(1);
    at('2026-03-12T00:00:00.001Z');
    await keeper.sweep();
    expect(await held()).toBe(0);
  });

  it('has its erasures written down as the sweeper’s, and none where nothing is past its term', async () => {
    const actors: string[] = [];
    const audit = {
      actingAs<T>(actor: string, work: () => T): T {
        actors.push(actor);
        return work();
      },
    };
    const { keeper, held, at } = start({ days: 2 }, store => store, audit);
    await keeper.sweep();
    keeper.keep('default', [face]);
    await keeper.flush();
    await keeper.sweep();
    expect(actors).toEqual([]);
    at('2026-03-20T00:00:00.000Z');
    await keeper.sweep();
    expect([actors, await held()]).toEqual([['sweeper'], 0]);
  });

  it('erases what an earlier configuration had kept once nothing is to be kept', async () => {
    const { keeper, local, held } = start({ keep: false });
    await local.gallery('default').keepUnknowns([{ ...face, seen: '2026-03-10T00:00:00.000Z' }], 10);
    expect(await local.gallery('default').listUnknowns(keeper.since())).toEqual([]);
    await keeper.sweep();
    expect(await held()).toBe(0);
  });

  it('brings back nothing into a gallery that was emptied or deleted', async () => {
    const { keeper, local, held } = start();
    await local.createGallery({ name: 'team', kind: 'face', model });
    for (const gallery of ['default', 'team']) keeper.keep(gallery, [face]);
    await keeper.store.gallery('default').removeAll();
    await keeper.store.deleteGallery('team');
    await keeper.flush();
    await local.createGallery({ name: 'team', kind: 'face', model });
    expect([await held(), await held('team')]).toEqual([0, 0]);
  });

  it('goes on where a gallery is gone or the store fails, and says how many faces were lost', async () => {
    const { keeper, warn, held } = start();
    keeper.keep('none', [face, face]);
    keeper.keep('default', [face]);
    await keeper.flush();
    expect(await held()).toBe(1);
    expect(warn.mock.calls.map(([fields]) => fields)).toMatchObject([{ faces: 2 }]);
    const failing = start({}, store => ({
      ...store,
      listGalleries: () => Promise.reject(new ServiceError('STORAGE_FAILED', 'no disk')),
    }));
    await failing.keeper.sweep();
    expect(failing.warn).toHaveBeenCalledOnce();
  });

  it('lets a crowd wait in bounded memory: the oldest go', async () => {
    const { keeper, held } = start();
    for (let i = 0; i < 30; i++)
      keeper.keep(
        'default',
        Array.from({ length: 100 }, () => face),
      );
    await keeper.flush();
    expect(await held()).toBe(2000);
  });
});
