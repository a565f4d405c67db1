import { leastErrors } from '../core/calibrate.ts';
import type { IdentityId } from '../core/identity-id.ts';
import type { GallerySummary } from '../store/store.ts';
import type { CarriedIdentity, LossReason } from './carry-over.ts';
import type { ModelComparison, Quality, Share } from './core/compare-models.ts';
import type { Reembedded } from './reembed-gallery.ts';

export type ReembedReport = {
  readonly format: 'face-id reembed report';
  readonly version: 1;
  /** ISO 8601, UTC. */
  readonly made: string;
  readonly gallery: string;
  readonly models: { readonly before: ReportModel; readonly after: ReportModel };
  /** Whether the old model told the faces of a photo apart. */
  readonly old_model_at_hand: boolean;
  readonly identities: number;
  readonly templates: {
    readonly all: number;
    readonly carried: number;
    readonly reused: number;
    readonly lost: Readonly<Partial<Record<LossReason, number>>>;
  };
  readonly photos: { readonly looked_at: number; readonly unread: readonly string[] };
  readonly comparison: ModelComparison;
  /** Who would not be recognised any more: all of their templates are lost. */
  readonly lost_identities: readonly IdentityId[];
  readonly lost_templates: readonly {
    readonly identity: IdentityId;
    readonly template: string;
    readonly source_sha256: string;
    readonly reason: LossReason;
  }[];
};

type ReportModel = { readonly name: string; readonly fingerprint: string };

export function toReport(
  { identities, reused, embedded, unread }: Reembedded,
  given: {
    readonly gallery: GallerySummary;
    readonly after: ReportModel;
    readonly isOldAtHand: boolean;
    readonly comparison: ModelComparison;
    readonly made: Date;
  },
): ReembedReport {
  const lost = identities.flatMap(lossesOf);
  const { name, fingerprint } = given.gallery.model;
  return {
    format: 'face-id reembed report',
    version: 1,
    made: given.made.toISOString(),
    gallery: given.gallery.name,
    models: { before: { name, fingerprint }, after: { name: given.after.name, fingerprint: given.after.fingerprint } },
    old_model_at_hand: given.isOldAtHand,
    identities: identities.length,
    templates: {
      all: identities.reduce((sum, { record }) => sum + record.templates.length, 0),
      carried: identities.reduce((sum, { carried }) => sum + carried.size, 0),
      reused,
      lost: Object.fromEntries(
        [...Map.groupBy(lost, ({ reason }) => reason)].map(([reason, those]) => [reason, those.length]),
      ),
    },
    photos: { looked_at: embedded, unread },
    comparison: given.comparison,
    lost_identities: identities
      .filter(({ record, carried }) => record.templates.length > 0 && carried.size === 0)
      .map(({ record }) => record.id),
    lost_templates: lost,
  };
}

function lossesOf({ record, lost }: CarriedIdentity): ReembedReport['lost_templates'] {
  return record.templates.flatMap(({ id, sourceSha256 }) => {
    const reason = lost.get(id);
    if (reason === undefined) return [];
    return [{ identity: record.id, template: id, source_sha256: sourceSha256, reason }];
  });
}

const reasonWords: Readonly<Record<LossReason, string>> = {
  NO_PHOTO: 'no image with the SHA-256 of theirs',
  UNREADABLE: 'the image cannot be decoded',
  NO_FACE: 'no face found any more',
  OTHER_FACE: 'only other faces found',
};

/** What came of it, in lines for people. Names nobody. */
export function describeReport(report: ReembedReport): string[] {
  const { templates, models, comparison, lost_identities: lostIdentities } = report;
  const lost = Object.entries(templates.lost).map(
    ([reason, count]) => `  ${count} not carried over: ${reasonWords[reason as LossReason]}`,
  );
  return [
    `${templates.carried} of ${templates.all} templates of ${report.identities} identities are carried over from ${models.before.name} ` +
      `to ${models.after.name} (${templates.reused} by an earlier run).`,
    ...lost,
    ...(lostIdentities.length === 0 ? [] : [`  ${lostIdentities.length} identities have lost all of their templates`]),
    ...describeComparison(comparison),
  ];
}

/** Both models' quality and the verdict. */
export function describeComparison(comparison: ModelComparison): string[] {
  const { before, after, sameNearest, fpir } = comparison;
  const row = (what: string, of: (quality: Quality) => Share): string =>
    `${what} ${inWords(of(before))} before, ${inWords(of(after))} after`;
  return [
    `Both name the same nearest person for ${inWords(sameNearest)} of the photos of people with several.`,
    row('Nearest is the right person (rank 1):', ({ rank1 }) => rank1),
    row(`Missed at an FPIR of ${percent(fpir)} (FNIR):`, ({ fnir }) => fnir),
    ...fewStrangers(comparison),
    verdictSentence(comparison),
  ];
}

/** What the thresholds of few strangers are worth. */
function fewStrangers({ before, after, fpir }: ModelComparison): string[] {
  const { trials } = before.fpir;
  if (trials === 0 || trials * fpir >= leastErrors) return [];
  return [
    `These thresholds rest on ${before.fpir.hits} and ${after.fpir.hits} of ${trials} strangers, fewer than ${leastErrors}, and move with each of them.`,
  ];
}

export function verdictSentence({ verdict, before, after, people, fpir }: ModelComparison): string {
  if (verdict === 'unknown') {
    return 'Which model is better cannot be told: nobody has two templates to find one by the other, or there is one person only.';
  }
  const missed = (rate: number | null): string => (rate === null ? '–' : percent(rate));
  return (
    `The new model is ${verdict}: at an FPIR of ${percent(fpir)} it misses ${missed(after.fnir.rate)} of the photos, the old one ` +
    `${missed(before.fnir.rate)}; ${people.fewer} people are found less often, ${people.more} more often.`
  );
}

/** "97.1 % (95.0 to 98.5 %)". */
export function inWords({ rate, bounds: [lower, upper] }: Share): string {
  if (rate === null) return 'unknown';
  return `${percent(rate)} (${(100 * lower).toFixed(1)} to ${percent(upper)})`;
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}
