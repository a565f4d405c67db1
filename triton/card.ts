import path from 'node:path';
import { z } from 'zod';
import { ModelError } from './build/model-error.ts';
import { openSetSchema } from './open-set.ts';
import { readJsonFile } from './read-json-file.ts';

const point = z.tuple([z.number(), z.number()]);

const cropSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('similarity'),
    size: z.int().positive(),
    template: z.tuple([point, point, point, point, point]),
  }),
  z.strictObject({ kind: z.literal('box'), size: z.int().positive(), margin: z.number().min(0) }),
]);

const rate = z.number().min(0).max(1);
/** 95 % confidence bounds of a rate. */
const bounds = z.tuple([rate, rate]);
const pairCounts = z.strictObject({ same: z.int().nonnegative(), different: z.int().nonnegative() });

/**
 * One measurement of an embedder behind one detector. Made by `npm run eval`; never typed by hand.
 * What may be null by default came later than the first cards: an older entry reads as one that did not measure it.
 */
export const calibrationSchema = z.strictObject({
  detector: z.string(),
  /** How it was made, in words. */
  method: z.string(),
  /** The command that made it, with no path of the machine that ran it. */
  command: z.string().nullable().default(null),
  date: z.iso.date().nullable().default(null),
  /** Photos that gave an embedding, and those that did not (failures to acquire). */
  photos: z.strictObject({ used: z.int().nonnegative(), failed: z.int().nonnegative() }).nullable().default(null),
  pairs: pairCounts,
  /** Cosine thresholds at false-match rates; null where the data holds too few independent errors to support the rate. */
  thresholds: z
    .array(
      z.strictObject({
        fmr: z.number().positive(),
        threshold: z.number().nullable(),
        /** Of the true false-match rate at this threshold, clustered by person. */
        fmr_bounds: bounds.nullable().default(null),
        /** False-non-match rate at this threshold, and its bounds. */
        fnmr: rate.nullable().default(null),
        fnmr_bounds: bounds.nullable().default(null),
      }),
    )
    .min(1),
  /** P(same person | score) = 1 / (1 + exp(−(slope · score + intercept))), at equal priors. */
  curve: z.strictObject({ slope: z.number().positive(), intercept: z.number() }),
  /** Accuracy at the best threshold on the same pairs, in [0, 1]. */
  accuracy: z.number(),
  /** Cross-validated accuracy on the same pairs. */
  folds: z
    .strictObject({ count: z.int().min(2), mean: rate, standard_error: z.number().min(0) })
    .nullable()
    .default(null),
  /** Accuracy on pairs of people that the thresholds were not taken from, at the threshold that is best on those they were. */
  test: z
    .strictObject({
      list: z.string(),
      pairs: pairCounts,
      /** Listed pairs without a score because a photo gave no embedding; not in `pairs`. */
      failed_pairs: z.int().nonnegative(),
      threshold: z.number(),
      accuracy: rate,
      accuracy_bounds: bounds,
    })
    .nullable()
    .default(null),
  /** Identification among strangers. */
  open_set: openSetSchema.nullable().default(null),
});

/** `card.json`: what a model is, where it came from, what it may be used for and what its scores mean. */
export const cardSchema = z.strictObject({
  name: z.string(),
  purpose: z.string(),
  kind: z.enum(['embedder', 'detector']),
  licence: z.string(),
  /** Cleared for commercial use by the licence of its weights and the terms of its training data. */
  commercial: z.boolean(),
  /** Why `commercial` is what it is, in words. */
  commercial_note: z.string(),
  source: z.strictObject({
    kind: z.enum(['mirror', 'npm', 'wheel', 'https', 'release', 'file', 'generated']),
    location: z.string(),
  }),
  /** `published`: checked against a sum that was pinned beforehand; false: the sum was recorded on installation. */
  weights: z.array(z.strictObject({ file: z.string(), sha256: z.string(), published: z.boolean() })).min(1),
  /** Of the builder. An older one than the project's now is built again; the vectors stay comparable. */
  revision: z.int().positive().default(1),
  /** Files that were built from the weights, relative to the card, with their sizes and sums. */
  files: z.array(z.strictObject({ file: z.string(), bytes: z.int().nonnegative(), sha256: z.string() })).min(1),
  /** Read from the built graphs, batch dimension included, -1 for what is free. A detector's names are `file:tensor`. */
  inputs: z.array(z.strictObject({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) })).min(1),
  outputs: z.array(z.strictObject({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) })).min(1),
  /** Embedders only: how a face is cut. `name` is what the detector's `?crop=` takes. */
  crop: z.strictObject({ name: z.string(), spec: cropSpec }).nullable(),
  /** Pixel order, range and normalisation, in words; part of the fingerprint. */
  pixels: z.string(),
  /**
   * Embedders that may also be served as FP32 (TorchScript): how the caller normalises then, (pixel − mean) / divisor. The vectors are
   * the same, so it is no part of the fingerprint.
   */
  pixel_spec: z.strictObject({ mean: z.number(), divisor: z.number().positive() }).nullable().default(null),
  /** Whether the graph embeds the mirrored crop too. */
  mirror_crop: z.boolean(),
  /** sha256 over name, weights' sums, pixels, crop and mirror_crop. Templates of two fingerprints never meet. */
  fingerprint: z.string(),
  calibration: z.array(calibrationSchema),
});

export type ModelCard = z.infer<typeof cardSchema>;
export type Calibration = z.infer<typeof calibrationSchema>;

/** Reads and checks `<modelDir>/card.json`. Throws INVALID_FILE, with its path, when it is absent or does not hold a card. */
export async function readCard(modelDir: string): Promise<ModelCard> {
  const file = path.join(modelDir, 'card.json');
  const card = await readJsonFile(file, 'a model card', cardSchema);
  if (card === null) throw new ModelError('INVALID_FILE', `${file}: expected a model card, got no file`);
  return card;
}
