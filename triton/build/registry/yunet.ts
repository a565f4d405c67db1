import { readOnnxModel } from '../onnx/read-onnx-model.ts';
import { type KnownModel, weightFile } from './known-model.ts';

/** YuNet (Wu, Peng and Yu, 2023), 75,856 parameters, as its authors export it for photos of any size. */
export const yunet: KnownModel = {
  name: 'yunet',
  purpose: 'face detection with 5 landmarks: YuNet, one pass over the photo',
  kind: 'detector',
  testOnly: false,
  licence: 'Apache-2.0',
  commercial: false,
  commercialNote:
    'The weights are Apache-2.0, but they were trained on WIDER FACE, whose terms allow non-commercial research only, for ' +
    'the images and what is derived from them.',
  weights: [
    {
      name: 'yunet_n_dynamic.onnx',
      bytes: 322_906,
      sha256: '104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12',
    },
  ],
  places: [
    { kind: 'mirror', folder: 'yunet' },
    {
      kind: 'https',
      repository: 'ShiqiYu/libfacedetection.train',
      commit: '0047ac24afb1a50a0c6105001c89d1b5b805dbf1',
      folder: 'onnx',
    },
  ],
  crop: null,
  pixels: 'BGR planes, 0..255, not normalised',
  pixelSpec: null,
  canMirrorCrop: false,
  fallback: null,
  revision: 1,
  build: weights => {
    const bytes = weightFile(weights, 'yunet_n_dynamic.onnx');
    readOnnxModel(bytes);
    return [{ path: 'yunet.onnx', bytes }];
  },
};
