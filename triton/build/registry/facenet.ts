import { checkInceptionResnetV1 } from '../networks/check-inception-resnet-v1.ts';
import { buildInceptionResnetV1, fixedImageStandardization } from '../networks/inception-resnet-v1.ts';
import { expectedTensors } from '../networks/inception-resnet-v1-layers.ts';
import { seededWeights } from '../networks/seeded-weights.ts';
import { readPickleWeights } from '../weights/read-pickle-weights.ts';
import { type KnownModel, weightFile } from './known-model.ts';

const file = '20180402-114759-vggface2.pt';

/** People that the published network was trained to tell apart. */
const vggFace2Classes = 8631;

const shared = {
  kind: 'embedder',
  crop: 'box_160',
  pixels: 'RGB planes, 0..255; minus 127.5, divided by 128, in the graph',
  pixelSpec: fixedImageStandardization,
  canMirrorCrop: false,
  fallback: null,
} as const;

/** FaceNet: David Sandberg's InceptionResnetV1 of VGGFace2, as facenet-pytorch publishes it. */
export const facenet: KnownModel = {
  ...shared,
  name: 'facenet',
  purpose: 'face embedding, 512-d: InceptionResnetV1, the box at 160 pixels',
  testOnly: false,
  licence: 'MIT',
  commercial: false,
  commercialNote:
    'The weights are MIT, but they were trained on VGGFace2: 3.3 million photos of an image search, which its compilers put under ' +
    'CC BY-SA 4.0 as a collection without owning them, and no longer offer.',
  // 111,898,327 bytes as published; the bound leaves room for the same tensors in the newer format. Nobody publishes a sum.
  weights: [{ name: file, bytes: 112 * 1024 * 1024, sha256: null }],
  places: [
    { kind: 'mirror', folder: 'facenet-pytorch' },
    { kind: 'release', repository: 'timesler/facenet-pytorch', tag: 'v2.2.9' },
  ],
  revision: 1,
  build: weights => {
    const tensors = readPickleWeights(weightFile(weights, file));
    checkInceptionResnetV1(tensors, vggFace2Classes);
    return [{ path: '1/model.onnx', bytes: buildInceptionResnetV1(tensors, 'facenet') }];
  },
};

const seed = 20180402;
const recipe = `InceptionResnetV1, seed ${seed}\n`;

/**
 * The same network with weights out of a formula: the work of `facenet` without its download. It was never trained and recognises
 * nobody.
 */
export const facenetSeeded: KnownModel = {
  ...shared,
  name: 'facenet_seeded',
  purpose: 'for benchmarks: the work of facenet with made-up weights, recognises nobody',
  testOnly: true,
  licence: 'Apache-2.0',
  commercial: true,
  commercialNote: 'The weights come out of a formula of this project: no data was used, and nothing was trained.',
  weights: [
    {
      name: 'recipe.txt',
      bytes: recipe.length,
      sha256: '8174aab83ae0058b5e938325509d51b2342467650259dabb2a094e5aaaa53633',
    },
  ],
  places: [{ kind: 'generated', recipe }],
  revision: 1,
  build: () => {
    const tensors = seededWeights(expectedTensors, seed);
    return [{ path: '1/model.onnx', bytes: buildInceptionResnetV1(tensors, 'facenet_seeded') }];
  },
};
