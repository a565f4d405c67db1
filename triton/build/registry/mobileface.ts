import { buildPublishedEmbedder } from '../networks/published-embedder.ts';
import { type KnownModel, weightFile } from './known-model.ts';

/** Two versions of one network whose vectors do not fit each other: what tests of a change of models need. */
export const mobilefaceV2 = mobileface(
  'V2',
  3_594_310,
  '792c5ef5adbab90e8f269561a3ea6926f496c591f4838b6301540f2a8d8a6a1b',
);

/** Deliberately the weaker one. */
export const mobilefaceV3 = mobileface(
  'V3',
  2_191_210,
  '74b03faa5d564c7f00bbed803e2d170980ee6f7e20aa329519107971f37281fc',
);

function mobileface(version: 'V2' | 'V3', bytes: number, sha256: string): KnownModel {
  const name = `mobileface_${version.toLowerCase()}`;
  const file = `mobileface_${version}.onnx`;
  return {
    name,
    purpose: `for tests of a change of models: face embedding, 256-d, MobileFace ${version}`,
    kind: 'embedder',
    testOnly: true,
    licence: 'MIT',
    commercial: false,
    commercialNote: 'The weights are MIT; their author names no training data.',
    weights: [{ name: file, bytes, sha256 }],
    // Published for MXNet, which nothing here reads: the ONNX file is a conversion that only a mirror has.
    places: [{ kind: 'mirror', folder: 'mobileface-becauseofai' }],
    crop: 'arcface_112',
    pixels: 'RGB planes, 0..255; normalised in the graph, as published',
    pixelSpec: null,
    canMirrorCrop: false,
    fallback: null,
    revision: 1,
    build: weights => {
      const spec = { name, side: 112, dim: 256, pixels: null, mirrorCrop: false };
      return [{ path: '1/model.onnx', bytes: buildPublishedEmbedder(weightFile(weights, file), spec) }];
    },
  };
}
