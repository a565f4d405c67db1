import type { PhotoFault } from '../../../detector/degrade-photo.ts';
import { expectedFpir } from '../../core/decide.ts';
import { clusteredRate, independentRate, type MeasuredRate } from '../core/clustered-rate.ts';
import {
  type FpirThreshold,
  fnirAt,
  fpirAt,
  type OpenSetPoint,
  openSetCurve,
  rankOneRate,
  type Searches,
  thresholdAtFpir,
} from '../core/open-set-rates.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { Gallery } from './search-gallery.ts';

/** False-positive identification rates that are measured; the first is that of the faults. NIST's FRTE 1:N publishes 0.003. */
export const fpirRates = [0.01, 0.003] as const;

/** Every so-manieth stranger is in the sample: searched for with every fault, and by the gate. */
export const sampleEvery = 8;

export type OperatingPoint = {
  readonly threshold: number;
  readonly fpir: MeasuredRate;
  readonly fnir: MeasuredRate;
};

/** Photos of those who are enrolled that gave no template, and all of them. */
export type EnrolledPhotos = { readonly failed: number; readonly all: number };

export type OpenSetInput = {
  readonly gallery: Gallery;
  readonly enrolledPhotos: EnrolledPhotos;
  readonly clean: Searches;
  /** With one fault each; strangers: the sample. */
  readonly faulty: readonly { readonly fault: PhotoFault; readonly searches: Searches }[];
  /** Thresholds that the service applies, by false-match rate. */
  readonly calibrated: readonly { readonly fmr: number; readonly threshold: number }[];
};

export type FaultMeasurement = {
  readonly fault: PhotoFault;
  /** Of the searches for the enrolled. */
  readonly failureToAcquire: MeasuredRate;
  readonly rankOne: MeasuredRate;
  readonly point: OperatingPoint;
};

/** What the gate measures again. */
export type SampleMeasurement = {
  readonly failureToEnrol: MeasuredRate;
  readonly rankOne: MeasuredRate;
  readonly points: readonly OperatingPoint[];
};

export type OpenSetMeasurement = {
  readonly gallery: { readonly identities: number; readonly templates: number };
  readonly searches: { readonly mated: number; readonly nonMated: number };
  readonly failureToEnrol: MeasuredRate;
  readonly failureToAcquire: {
    readonly enrolled: MeasuredRate;
    readonly mated: MeasuredRate;
    readonly nonMated: MeasuredRate;
  };
  readonly rankOne: MeasuredRate;
  readonly rates: readonly {
    readonly fpir: number;
    readonly supported: boolean;
    readonly point: OperatingPoint | null;
  }[];
  readonly atFmr: readonly { readonly fmr: number; readonly expectedFpir: number; readonly point: OperatingPoint }[];
  readonly faults: readonly FaultMeasurement[];
  readonly curve: readonly OpenSetPoint[];
  readonly sample: SampleMeasurement;
};

/**
 * Everything that follows from the searches.
 * @throws EvaluationError where the strangers whose face was found are too few for the first of `fpirRates`
 */
export function measureOpenSet(input: OpenSetInput): OpenSetMeasurement {
  const { gallery, enrolledPhotos, clean, faulty, calibrated } = input;
  const templates = gallery.reduce((sum, { length }) => sum + length, 0);
  const rates = fpirRates.map(fpir => ({ fpir, found: thresholdAtFpir(clean.nonMated, fpir) }));
  const operating = operatingThreshold(rates[0]?.found);
  const thresholds = [operating, ...calibrated.map(({ threshold }) => threshold)];
  return {
    gallery: { identities: gallery.length, templates },
    searches: { mated: clean.mated.length, nonMated: clean.nonMated.length },
    failureToEnrol: failureToEnrol(gallery),
    failureToAcquire: {
      enrolled: independentRate({ hits: enrolledPhotos.failed, trials: enrolledPhotos.all }),
      mated: matedFailures(clean, gallery),
      nonMated: independentRate({
        hits: clean.nonMated.filter(({ best }) => best === null).length,
        trials: clean.nonMated.length,
      }),
    },
    rankOne: rankOneRate(clean.mated),
    rates: rates.map(({ fpir, found }) => ({
      fpir,
      supported: found?.supported ?? false,
      point: found === null ? null : pointAt(clean, found.threshold),
    })),
    atFmr: calibrated.map(({ fmr, threshold }) => ({
      fmr,
      expectedFpir: expectedFpir(fmr, templates)!,
      point: pointAt(clean, threshold),
    })),
    faults: faulty.map(({ fault, searches }) => ({
      fault,
      failureToAcquire: matedFailures(searches, gallery),
      rankOne: rankOneRate(searches.mated),
      point: pointAt(searches, operating),
    })),
    curve: openSetCurve(clean),
    sample: measureSample({ mated: clean.mated, nonMated: sampleOf(clean.nonMated) }, gallery, thresholds),
  };
}

/** What the gate compares: searches for the sample of strangers, at thresholds that are given. */
export function measureSample(searches: Searches, gallery: Gallery, thresholds: readonly number[]): SampleMeasurement {
  return {
    failureToEnrol: failureToEnrol(gallery),
    rankOne: rankOneRate(searches.mated),
    points: thresholds.map(threshold => pointAt(searches, threshold)),
  };
}

/** The strangers, or their searches, of the sample. */
export function sampleOf<T>(strangers: readonly T[]): T[] {
  return strangers.filter((_, index) => index % sampleEvery === 0);
}

function operatingThreshold(found: FpirThreshold | null | undefined): number {
  if (found) return found.threshold;
  throw new EvaluationError('expected strangers whose face is found, got too few to measure an FPIR of 1 %');
}

function pointAt({ mated, nonMated }: Searches, threshold: number): OperatingPoint {
  return { threshold, fpir: fpirAt(nonMated, threshold), fnir: fnirAt(mated, threshold) };
}

function failureToEnrol(gallery: Gallery): MeasuredRate {
  return independentRate({ hits: gallery.filter(({ length }) => length === 0).length, trials: gallery.length });
}

/** Of the people who are enrolled: for the others there is nothing to find, whatever the photo. */
function matedFailures({ mated }: Searches, gallery: Gallery): MeasuredRate {
  return clusteredRate(
    gallery.map((templates, person) => {
      const own = templates.length === 0 ? [] : mated.filter(search => search.person === person);
      return { hits: own.filter(({ scores }) => scores === null).length, trials: own.length };
    }),
  );
}
