import type { FaceQuality } from '../../face_id_api/core/measure-quality.ts';
import {
  measuredReasons,
  type QualityThresholds,
  qualityFaults,
  reasonsOf,
} from '../../face_id_api/core/quality-faults.ts';
import { fixed, machine, table } from './markdown.ts';
import { photoFaults } from './photo-faults.ts';
import type { QualitySample } from './quality-samples.ts';
import type { MeasureTime } from './quality-time.ts';

export type QualityRun = {
  readonly detector: string;
  readonly embedder: string;
  readonly pairs: number;
  /** Cosine from which on a pair is one person's. */
  readonly threshold: number;
  readonly thresholds: QualityThresholds;
  readonly times: readonly MeasureTime[];
};

type Face = { readonly quality: FaceQuality; readonly score: number };

const measures = [
  'sharpness',
  'brightness',
  'contrast',
  'noise',
  'yaw',
  'pitch',
  'boxSide',
  'confidence',
  'score',
] as const;
const shares = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1];
const poseBins = [0, 10, 20, 30, 40, 50, 90];

/** docs/benchmarks-quality.md: what good and faulty photos measure, what the gate leaves out, and what it would have cost. */
export function writeQualityReport(samples: readonly QualitySample[], run: QualityRun, date: string): string {
  const { detector, embedder, pairs, threshold, thresholds, times } = run;
  const good = facesOf(samples, photoFaults[0]!.name);
  return [
    '# What faces measure',
    '',
    'Written by `npm run bench -- quality`; do not edit. [quality.md](quality.md) says what each measure is.',
    '',
    `LFW (deep-funnelled, 250 px), ${pairs} pairs of one person out of pairsDevTrain, evenly over the list: the first photo of each as it is, the second`,
    `under every fault, found by \`${detector}\`, embedded by \`${embedder}\`. A pair is missed where its cosine is below ${fixed(threshold, 4)}, the threshold at an`,
    'FMR of 0.001. Faults are done to the whole photo; px are the 250 px photo’s, in which the eyes are about 42 px apart.',
    '',
    `${date} · ${machine()}`,
    '',
    '## Time',
    '',
    ...table(
      ['crop', 'faces', 'ms a face, median'],
      times.map(({ crop, faces, ms }) => [`\`${crop}\``, String(faces), fixed(ms, 3)]),
    ),
    '',
    '## Good photos',
    '',
    `The second photos as they are: ${good.length} faces. What part of them measures less than the value in its column; angles without their sign.`,
    '',
    ...table(
      ['measure', ...shares.map(share => `${100 * share} %`)],
      measures.map(measure => {
        const values = good.map(({ quality }) => Math.abs(quality[measure])).sort((a, b) => a - b);
        return [measure, ...shares.map(share => shown(quantile(values, share)))];
      }),
    ),
    '',
    '## What the gate leaves out',
    '',
    'Share of the faces found that fall short at the default thresholds, by any reason and by each; and the pairs that are missed, of all found and',
    'of those that the gate lets pass. Medians of sharpness, brightness and score beside them.',
    '',
    ...table(
      [
        'fault',
        'found',
        'left out',
        ...measuredReasons.map(reason => `\`${reason}\``),
        'missed',
        'missed of passed',
        'sharpness',
        'brightness',
        'score',
      ],
      photoFaults.map(({ name }) => faultRow(name, samples, run)),
    ),
    '',
    '## Pose',
    '',
    'Good photos by how far the second face is turned (to a side, or up or down): pairs, and those missed.',
    '',
    ...table(
      ['turned, degrees', ...poseBins.slice(0, -1).map((from, i) => `${from} to ${poseBins[i + 1]}`)],
      (['yaw', 'pitch'] as const).map(axis => [
        axis,
        ...poseBins.slice(0, -1).map((from, i) => {
          const to = poseBins[i + 1]!;
          const faces = good.filter(({ quality }) => Math.abs(quality[axis]) >= from && Math.abs(quality[axis]) < to);
          return faces.length === 0 ? '–' : `${faces.length}: ${percent(missed(faces, threshold))}`;
        }),
      ]),
    ),
    '',
    '## Score',
    '',
    'All faces, good and faulty, by their score: a tenth of them each, from the worst to the best, and how many of their pairs are missed.',
    '',
    ...scoreTable(samples, threshold),
    '',
    `The default of \`quality.thresholds.score\` is ${thresholds.score}.`,
    '',
  ].join('\n');
}

function faultRow(name: string, samples: readonly QualitySample[], { threshold, thresholds }: QualityRun): string[] {
  const faces = facesOf(samples, name);
  const asked = samples.filter(({ fault }) => fault === name).length;
  const reasons = faces.map(({ quality }) => reasonsOf(qualityFaults(quality, thresholds)));
  const share = (count: number): string => (faces.length === 0 ? '–' : percent(count / faces.length));
  const passed = faces.filter((_, i) => reasons[i]!.length === 0);
  const middle = (measure: 'sharpness' | 'brightness' | 'score'): string =>
    shown(
      quantile(
        faces.map(({ quality }) => quality[measure]).sort((a, b) => a - b),
        0.5,
      ),
    );
  return [
    name,
    percent(faces.length / asked),
    share(faces.length - passed.length),
    ...measuredReasons.map(reason => share(reasons.filter(all => all.includes(reason)).length)),
    faces.length === 0 ? '–' : percent(missed(faces, threshold)),
    passed.length < 20 ? '–' : percent(missed(passed, threshold)),
    middle('sharpness'),
    middle('brightness'),
    middle('score'),
  ];
}

function scoreTable(samples: readonly QualitySample[], threshold: number): string[] {
  const faces = samples.flatMap(({ face }) => face ?? []).sort((a, b) => a.quality.score - b.quality.score);
  const tenths = Array.from({ length: 10 }, (_, i) =>
    faces.slice(Math.floor((i * faces.length) / 10), Math.floor(((i + 1) * faces.length) / 10)),
  );
  return table(
    ['score up to', ...tenths.map(tenth => shown(tenth.at(-1)?.quality.score ?? 0))],
    [['missed', ...tenths.map(tenth => percent(missed(tenth, threshold)))]],
  );
}

function facesOf(samples: readonly QualitySample[], name: string): Face[] {
  return samples.flatMap(({ fault, face }) => (fault === name && face !== null ? face : []));
}

function missed(faces: readonly Face[], threshold: number): number {
  return faces.filter(({ score }) => score < threshold).length / faces.length;
}

/** Of sorted values; NaN of none. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function shown(value: number): string {
  return Number.isNaN(value) ? '–' : fixed(value, value >= 10 ? 0 : 2);
}

function percent(share: number): string {
  return `${fixed(100 * share, 1)} %`;
}
