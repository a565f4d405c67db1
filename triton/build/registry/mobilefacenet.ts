import { buildPublishedEmbedder } from '../networks/published-embedder.ts';
import { type KnownModel, weightFile } from './known-model.ts';

/** ImageNet's mean and deviation, of pixels in 0..255: what the network was trained on. */
const pixels = {
  mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
  deviation: [0.229 * 255, 0.224 * 255, 0.225 * 255],
} as const;

/** MobileFaceNet (Chen et al., 2018), trained with ArcFace's loss; an ONNX conversion of foamliu's checkpoint. */
export const mobilefacenet: KnownModel = {
  name: 'mobilefacenet',
  purpose: 'face embedding, 128-d: MobileFaceNet, crop of 112 pixels',
  kind: 'embedder',
  testOnly: false,
  licence: 'Apache-2.0',
  commercial: false,
  commercialNote:
    'The weights are Apache-2.0, but they were trained on a refined MS-Celeb-1M: 3.8 million photos that Microsoft gathered ' +
    'from the internet for non-commercial research and has since withdrawn.',
  weights: [
    {
      name: 'MobileFaceNet.onnx',
      bytes: 3_998_070,
      sha256: 'b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507',
    },
  ],
  places: [
    { kind: 'mirror', folder: 'mobilefacenet-foamliu' },
    {
      kind: 'https',
      repository: 'foamliu/MobileFaceNet',
      commit: 'a6cc9032a659b615f477833e1a70b5e7931bcccc',
      folder: 'weights',
    },
  ],
  crop: 'arcface_112',
  pixels:
    'RGB planes, 0..255; divided by 255, minus (0.485, 0.456, 0.406), divided by (0.229, 0.224, 0.225), in the graph',
  pixelSpec: null,
  canMirrorCrop: true,
  fallback: null,
  revision: 1,
  build: (weights, { mirrorCrop }) => {
    const file = weightFile(weights, 'MobileFaceNet.onnx');
    const spec = { name: 'mobilefacenet', side: 112, dim: 128, pixels, mirrorCrop };
    return [{ path: '1/model.onnx', bytes: buildPublishedEmbedder(file, spec) }];
  },
};
