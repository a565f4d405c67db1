import { faultNames } from '../../../detector/degrade-photo.ts';
import { leastErrors } from '../../core/calibrate.ts';
import type { MeasuredRate } from '../core/clustered-rate.ts';
import { type OpenSetMeasurement, type OperatingPoint, sampleEvery } from '../open-set/measure-open-set.ts';
import { rateLabel } from './chart-frame.ts';
import { percent, percentBounds } from './percent.ts';

/** Head of the table of operating points. */
export const pointHead = ['at', 'threshold (cosine)', 'FPIR (95 %)', 'FNIR (95 %, by person)'] as const;

/** One row per rate and per threshold that the service applies, for the terminal and for the report. */
export function pointRows({ rates, atFmr }: OpenSetMeasurement): string[][] {
  return [
    ...rates.map(({ fpir, supported, point }) => {
      const name = rateName(fpir, supported);
      return point === null ? [name, 'none', 'too few strangers', ''] : pointRow(name, point);
    }),
    ...atFmr.map(({ fmr, expectedFpir, point }) =>
      pointRow(`FMR ${rateLabel(fmr)}: ${percent(expectedFpir)} expected`, point),
    ),
  ];
}

/** A rate, and whether so few errors lie behind it that it is no threshold of the service. */
export function rateName(fpir: number, supported: boolean): string {
  return `FPIR ${percent(fpir)}${supported ? '' : `, fewer than ${leastErrors} errors`}`;
}

/** What else was measured: name and value. */
export function openSetRows(measurement: OpenSetMeasurement): string[][] {
  const { gallery, searches, failureToEnrol, failureToAcquire, rankOne } = measurement;
  const { enrolled, mated, nonMated } = failureToAcquire;
  return [
    ['enrolled', `${gallery.identities} people, ${gallery.templates} templates`],
    ['searches', `${searches.mated} for the enrolled, ${searches.nonMated} for strangers`],
    ['rank-1', rateCell(rankOne)],
    ['failure to enrol', rateCell(failureToEnrol)],
    ...[
      { name: 'enrolled', rate: enrolled },
      { name: 'searches for the enrolled', rate: mated },
      { name: 'searches for strangers', rate: nonMated },
    ].map(({ name, rate }) => [`failure to acquire, ${name}`, `${rate.hits} of ${rate.trials}`]),
  ];
}

/** Head of the table of faults. */
export const faultHead = ['fault', 'no face', 'rank-1', 'FNIR (95 %)', 'FPIR (95 %)'] as const;

/** One row without a fault, then one for each, all at the threshold of the first rate. Strangers: the sample. */
export function faultRows({ failureToAcquire, rankOne, faults, sample }: OpenSetMeasurement): string[][] {
  const row = (name: string, failed: MeasuredRate, first: MeasuredRate, { fnir, fpir }: OperatingPoint): string[] => [
    name,
    `${failed.hits} of ${failed.trials}`,
    percent(first.rate),
    rateCell(fnir),
    rateCell(fpir),
  ];
  return [
    row('none', failureToAcquire.mated, rankOne, sample.points[0]!),
    ...faults.map(fault => row(faultNames[fault.fault], fault.failureToAcquire, fault.rankOne, fault.point)),
  ];
}

/** Whose figures these are, in one line. */
export function openSetSubject({ gallery, searches }: OpenSetMeasurement): string {
  return (
    `${gallery.identities} people enrolled, ${searches.mated} searches for them, ` +
    `${searches.nonMated.toLocaleString('en')} for strangers (with faults every ${sampleEvery}th)`
  );
}

function pointRow(name: string, { threshold, fpir, fnir }: OperatingPoint): string[] {
  return [name, threshold.toFixed(4), rateCell(fpir), rateCell(fnir)];
}

function rateCell({ rate, bounds }: MeasuredRate): string {
  return `${percent(rate)} (${percentBounds(bounds)})`;
}
