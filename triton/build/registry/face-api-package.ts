import type { SourcePlace } from '../sources/source.ts';
import { readFaceApiWeights } from '../weights/read-face-api-weights.ts';
import type { Weights } from '../weights/weights.ts';
import { weightFile } from './known-model.ts';

/**
 * Where face-api's weights are: a mirror, or the npm package, which is a dependency of this project and so always near.
 * npm publishes a sum of the whole package only; the sums of its files in the registry were taken from this version.
 */
export const faceApiPlaces: readonly SourcePlace[] = [
  { kind: 'mirror', folder: 'face-api' },
  { kind: 'npm', package: '@vladmandic/face-api', version: '1.7.15', folder: 'model' },
];

/** The tensors of `<net>-weights_manifest.json` and its one shard, `<net>.bin`. */
export function faceApiWeights(weights: ReadonlyMap<string, Uint8Array>, net: string): Weights {
  const manifest = new TextDecoder().decode(weightFile(weights, `${net}-weights_manifest.json`));
  return readFaceApiWeights(JSON.parse(manifest), [weightFile(weights, `${net}.bin`)]);
}
