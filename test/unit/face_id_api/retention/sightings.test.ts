import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { IdentityId } from '../../../../face_id_api/core/identity-id.ts';
import { createSightings } from '../../../../face_id_api/retention/sightings.ts';
import type { Store } from '../../../../face_id_api/store/store.ts';

function setUp(see: (gallery: string, days: [IdentityId, string][]) => Promise<void>) {
  const warnings: string[] = [];
  const store = {
    gallery: (name: string) => ({ see: (days: ReadonlyMap<IdentityId, string>) => see(name, [...days]) }),
  } as unknown as Store;
  const sightings = createSightings({
    store,
    warn: (_, message) => warnings.push(message),
    now: () => new Date('2026-11-30T23:59:00Z'),
  });
  onTestFinished(() => sightings.close());
  return { sightings, warnings };
}

describe('sightings', () => {
  it('are written down once a minute, each one once, by the day', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const written: unknown[] = [];
    const { sightings } = setUp(async (gallery, days) => void written.push([gallery, days]));
    for (let i = 0; i < 100; i++) sightings.add('default', 'ann');
    sightings.add('default', 2576);
    sightings.add('staff', 'ann');
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    const day = '2026-11-30';
    const expected = [
      [
        'default',
        [
          ['ann', day],
          [2576, day],
        ],
      ],
      ['staff', [['ann', day]]],
    ];
    expect(written).toEqual(expected);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written).toEqual(expected);
  });

  it('are written down when the service ends, and a gallery that fails holds up no other', async () => {
    const written: string[] = [];
    const { sightings, warnings } = setUp(async gallery => {
      if (gallery === 'gone') throw new Error('there is none');
      written.push(gallery);
    });
    sightings.add('gone', 1);
    sightings.add('default', 1);
    await sightings.close();
    expect(written).toEqual(['default']);
    expect(warnings).toHaveLength(1);
  });
});
