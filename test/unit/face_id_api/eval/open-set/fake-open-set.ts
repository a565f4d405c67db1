import type { OpenSet } from '../../../../../triton/open-set.ts';

const rate = { hits: 1, trials: 4, rate: 0.25, bounds: [0.01, 0.8] } satisfies OpenSet['rank_one'];
const point = { threshold: 0.5, fpir: rate, fnir: rate };

/** Made-up figures; one rate has a threshold, the other has none. */
export function fakeOpenSet(identities: number): OpenSet {
  return {
    method: 'made up',
    command: 'npm run eval -- open-set',
    date: '2026-01-31',
    gallery: { identities, templates: 6 },
    failure_to_enrol: rate,
    failure_to_acquire: { enrolled: rate, mated: rate, non_mated: rate },
    rank_one: rate,
    rates: [
      { fpir: 0.01, supported: true, point },
      { fpir: 0.003, supported: false, point: null },
    ],
    at_fmr: [],
    faults: [{ fault: 'blur', strength: 'a little', failure_to_acquire: rate, rank_one: rate, point }],
    sample: { every: 8, failure_to_enrol: rate, rank_one: rate, points: [point] },
  };
}
