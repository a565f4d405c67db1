import { type Bounds, clopperPearson } from '../../eval/core/clopper-pearson.ts';
import type { LookedUp } from './leave-one-out.ts';

/** A probe and what either model finds for it. */
export type Probe = { readonly owner: number; readonly before: LookedUp; readonly after: LookedUp };

/** A share with its 95 % bounds; null where nothing was tried. */
export type Share = {
  readonly hits: number;
  readonly trials: number;
  readonly rate: number | null;
  readonly bounds: Bounds;
};

export type Quality = {
  /** Photos of people with several, left out one at a time, whose nearest template is their own person's. */
  readonly rank1: Share;
  /** The cosine that at most `fpir` of the strangers exceed; null without any. */
  readonly cut: number | null;
  /** Strangers taken for somebody at that cut. */
  readonly fpir: Share;
  /** Photos of people with several that are not found as their own person's beyond that cut. */
  readonly fnir: Share;
};

export type Verdict = 'better' | 'worse' | 'no different' | 'unknown';

export type ModelComparison = {
  /** FPIR that both cuts are set for. */
  readonly fpir: number;
  readonly probes: number;
  /** Photos of people with several for which both models name the same person as the nearest. */
  readonly sameNearest: Share;
  /** The same over all: whom somebody with one photo is nearest to is a matter of chance. */
  readonly sameNearestOfAll: Share;
  readonly before: Quality;
  readonly after: Quality;
  /** People of whom the new model finds fewer, or more, of their photos than the old one, each at its own cut. */
  readonly people: { readonly fewer: number; readonly more: number; readonly fewerShare: Share };
  readonly verdict: Verdict;
};

const targetFpir = 0.01;

/**
 * Two models over the same photos of the same people. Mated searches leave the probe's own template out; a stranger is made of each
 * person's first probe, with the whole person left out. The verdict is a sign test over people (McNemar's test, by person so that
 * photos of one do not count as independent): `worse` where the lower 95 % bound of the share of people found less often,
 * among those found differently, is above one half.
 */
export function compareModels(probes: readonly Probe[]): ModelComparison {
  const people = Map.groupBy(probes, ({ owner }) => owner);
  const strangers = [...people.values()].map(([first]) => first!).filter(hasOthers);
  const mated = [...people.values()].map(own => own.filter(({ before }) => Number.isFinite(before.mate)));
  const cuts = { before: cutOf(strangers, 'before'), after: cutOf(strangers, 'after') };
  const isFound = (probe: Probe, model: Model): boolean =>
    isFirst(probe[model]) && probe[model].mate > (cuts[model] ?? Number.NEGATIVE_INFINITY);

  const quality = (model: Model): Quality => ({
    rank1: clustered(mated, probe => isFirst(probe[model])),
    cut: cuts[model],
    fpir: share(
      strangers.filter(one => cuts[model] !== null && one[model].other > cuts[model]).length,
      strangers.length,
    ),
    fnir: clustered(mated, probe => !isFound(probe, model)),
  });
  const changes = mated.map(own => count(own, p => isFound(p, 'after')) - count(own, p => isFound(p, 'before')));
  const [fewer, more] = [count(changes, change => change < 0), count(changes, change => change > 0)];
  const fewerShare = share(fewer, fewer + more);
  return {
    fpir: targetFpir,
    probes: probes.length,
    sameNearest: clustered(mated, isSameNearest),
    sameNearestOfAll: clustered([...people.values()], isSameNearest),
    before: quality('before'),
    after: quality('after'),
    people: { fewer, more, fewerShare },
    verdict: mated.flat().length === 0 || strangers.length === 0 ? 'unknown' : verdictOf(fewerShare),
  };
}

type Model = 'before' | 'after';

function verdictOf({ bounds: [lower, upper] }: Share): Verdict {
  return lower > 0.5 ? 'worse' : upper < 0.5 ? 'better' : 'no different';
}

function hasOthers({ before }: Probe): boolean {
  return Number.isFinite(before.other);
}

/** A tie is no identification. */
function isFirst({ mate, other }: LookedUp): boolean {
  return mate > other;
}

function isSameNearest({ owner, before, after }: Probe): boolean {
  return nearestOf(owner, before) === nearestOf(owner, after);
}

function nearestOf(owner: number, found: LookedUp): number {
  return isFirst(found) ? owner : found.otherOwner;
}

function cutOf(strangers: readonly Probe[], model: Model): number | null {
  const scores = strangers.map(stranger => stranger[model].other).sort((a, b) => b - a);
  return scores[Math.floor(targetFpir * scores.length)] ?? null;
}

function count<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return items.reduce((sum, item) => sum + (holds(item) ? 1 : 0), 0);
}

function share(hits: number, trials: number): Share {
  return { hits, trials, rate: trials === 0 ? null : hits / trials, bounds: clopperPearson(hits, trials) };
}

/**
 * A share of probes whose bounds know that those of one person are alike: Clopper and Pearson's, for as many independent trials as
 * have the variance that is observed between people (the design effect of cluster sampling, Kish 1965), and at most the number
 * of people where all agree.
 */
function clustered(people: readonly (readonly Probe[])[], isHit: (probe: Probe) => boolean): Share {
  const clusters = people.filter(own => own.length > 0).map(own => ({ size: own.length, hits: count(own, isHit) }));
  const trials = clusters.reduce((sum, { size }) => sum + size, 0);
  const hits = clusters.reduce((sum, one) => sum + one.hits, 0);
  if (trials === 0) return share(0, 0);
  const rate = hits / trials;
  const k = clusters.length;
  const between = clusters.reduce((sum, one) => sum + (one.hits - rate * one.size) ** 2, 0) * (k / (k - 1));
  const effect =
    hits === 0 || hits === trials || k === 1 ? trials / k : Math.max(1, between / (trials * rate * (1 - rate)));
  const effective = trials / effect;
  return { hits, trials, rate, bounds: clopperPearson(rate * effective, effective) };
}
