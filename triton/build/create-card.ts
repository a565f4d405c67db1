import { createHash } from 'node:crypto';
import { type Calibration, cardSchema, type ModelCard } from '../card.ts';
import { cropSpecs } from '../core/crop-spec.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { GraphTensor } from './read-tensors.ts';
import type { BuildOptions, BuiltFile, KnownModel } from './registry/known-model.ts';
import type { FetchedWeights } from './sources/fetch-weights.ts';

export type CardParts = {
  readonly weights: Pick<FetchedWeights, 'source' | 'sums'>;
  readonly built: readonly BuiltFile[];
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
  readonly options: BuildOptions;
  readonly calibration: readonly Calibration[];
};

/** The card of a model that has just been built. */
export function createCard(model: KnownModel, parts: CardParts): ModelCard {
  const { weights, built, inputs, outputs, options, calibration } = parts;
  return cardSchema.parse({
    name: model.name,
    purpose: model.purpose,
    kind: model.kind,
    licence: model.licence,
    commercial: model.commercial,
    commercial_note: model.commercialNote,
    source: weights.source,
    weights: weights.sums,
    revision: model.revision,
    files: built.map(({ path, bytes }) => ({
      file: path,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
    inputs,
    outputs,
    crop: model.crop === null ? null : { name: model.crop, spec: cropSpecs[model.crop] },
    pixels: model.pixels,
    pixel_spec: model.pixelSpec,
    mirror_crop: options.mirrorCrop,
    fingerprint: fingerprintOfModel(
      model,
      weights.sums.map(sum => sum.sha256),
      options,
    ),
    calibration,
  });
}

/** The fingerprint that a model has when it is built from these weights with these options. */
export function fingerprintOfModel(model: KnownModel, weightSums: readonly string[], options: BuildOptions): string {
  return fingerprintOf({
    name: model.name,
    weightSums,
    pixels: model.pixels,
    crop: model.crop === null ? null : cropSpecs[model.crop],
    mirrorCrop: options.mirrorCrop,
  });
}
