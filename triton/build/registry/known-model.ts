import type { CropName } from '../../core/crop-spec.ts';
import type { PixelSpec } from '../../core/pixel-spec.ts';
import type { SourcePlace, WeightFile } from '../sources/source.ts';

export type BuildOptions = {
  /** Embed the crop and its mirror image in one graph. Never true for a model with `canMirrorCrop: false`. */
  readonly mirrorCrop: boolean;
};

/** A file of the finished model, its path relative to the model's folder, with `/`. */
export type BuiltFile = { readonly path: string; readonly bytes: Uint8Array };

/** What this project knows about a model before it is installed. One file of `registry/` each. */
export type KnownModel = {
  /** The name in config.yaml, in Triton and in replies. `[a-z0-9_]+`. */
  readonly name: string;
  readonly purpose: string;
  /** An embedder goes to Triton's repository, a detector to the detector's own folder. */
  readonly kind: 'embedder' | 'detector';
  /** Of no use but to tests and benchmarks: `npm run models` lists it only with `--all`, or when it is installed. */
  readonly testOnly: boolean;
  /** Licence of the published weights, as a short name. */
  readonly licence: string;
  /** Cleared for commercial use: by the licence of the weights and by the terms of the data they were trained on. */
  readonly commercial: boolean;
  /** Why `commercial` is what it is. */
  readonly commercialNote: string;
  readonly weights: readonly WeightFile[];
  /** In the order in which they are asked. */
  readonly places: readonly SourcePlace[];
  /** Embedders: how a face is cut. */
  readonly crop: CropName | null;
  /** Pixel order, range and normalisation; part of the fingerprint. */
  readonly pixels: string;
  /** What a caller does with the pixels where the model is served as FP32, such as TorchScript; null: it never is. */
  readonly pixelSpec: PixelSpec | null;
  readonly canMirrorCrop: boolean;
  /** The model that takes its place, once and said so, where no source delivers this one; null: none. */
  readonly fallback: string | null;
  /**
   * Raise it when `build` makes other graphs of the same weights: what is installed is then built again on the next start.
   * Where the graphs compute something else than before, `pixels` or the name has to change too, or old vectors are compared with new.
   */
  readonly revision: number;
  /** The graphs, out of the weights by their file names. Throws when they do not fit each other. */
  build(weights: ReadonlyMap<string, Uint8Array>, options: BuildOptions): readonly BuiltFile[];
};

/** The bytes of one file of weights. */
export function weightFile(weights: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = weights.get(name);
  if (bytes === undefined) throw new Error(`weights: expected a file ${name}, got ${[...weights.keys()].join(', ')}`);
  return bytes;
}
