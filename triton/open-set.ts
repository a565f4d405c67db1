import { z } from 'zod';

const rate = z.number().min(0).max(1);

/** So many of so many, and the 95 % bounds of the true share. */
const measuredRate = z.strictObject({
  hits: z.int().nonnegative(),
  trials: z.int().nonnegative(),
  rate,
  bounds: z.tuple([rate, rate]),
});

/** At one threshold: FPIR of strangers, FNIR of the enrolled (ISO/IEC 19795-1), failures to acquire counted in both. */
const operatingPoint = z.strictObject({ threshold: z.number(), fpir: measuredRate, fnir: measuredRate });

/**
 * How an embedder behind one detector identifies people among strangers. Made by `npm run eval -- open-set`; never typed by hand.
 */
export const openSetSchema = z.strictObject({
  /** How it was made, in words. */
  method: z.string(),
  /** The command that made it, with no path of the machine that ran it. */
  command: z.string(),
  date: z.iso.date(),
  gallery: z.strictObject({ identities: z.int().positive(), templates: z.int().nonnegative() }),
  /** People without a template. */
  failure_to_enrol: measuredRate,
  /** Photos without a usable face. */
  failure_to_acquire: z.strictObject({ enrolled: measuredRate, mated: measuredRate, non_mated: measuredRate }),
  /** Searches for the enrolled that return the right person first, whatever the score. */
  rank_one: measuredRate,
  /** By the false-positive identification rate that was asked for; the point is null where the strangers are too few for any threshold. */
  rates: z.array(
    z.strictObject({
      fpir: z.number().positive(),
      /** The rule of 30: false means that the threshold rests on fewer errors than that. */
      supported: z.boolean(),
      point: operatingPoint.nullable(),
    }),
  ),
  /** At the thresholds that the calibration gives for false-match rates, and the FPIR that the service expects of them. */
  at_fmr: z.array(z.strictObject({ fmr: z.number().positive(), expected_fpir: rate, point: operatingPoint })),
  /** With one fault added to every photo that is searched for, at the threshold of the first of `rates`; strangers: the sample. */
  faults: z.array(
    z.strictObject({
      fault: z.string(),
      /** How strong, in words. */
      strength: z.string(),
      failure_to_acquire: measuredRate,
      rank_one: measuredRate,
      point: operatingPoint,
    }),
  ),
  /** Searches without a fault for a sample of the strangers: what the gate of the tests measures again and compares. */
  sample: z.strictObject({
    /** Every so-manieth stranger. */
    every: z.int().positive(),
    failure_to_enrol: measuredRate,
    rank_one: measuredRate,
    points: z.array(operatingPoint).min(1),
  }),
});

export type OpenSet = z.infer<typeof openSetSchema>;
