import { buildDlibResnet } from '../networks/dlib-resnet.ts';
import { faceApiPlaces, faceApiWeights } from './face-api-package.ts';
import type { KnownModel } from './known-model.ts';

/** dlib's face recognition network, in the uint8-quantised form that face-api publishes. */
export const dlibResnet: KnownModel = {
  name: 'dlib_resnet',
  purpose: 'face embedding, 128-d: ResNet of 29 convolutions, crop of 150 pixels',
  kind: 'embedder',
  testOnly: false,
  licence: 'public domain (dlib), MIT (face-api)',
  commercial: false,
  commercialNote:
    'The weights allow it: Davis King released the dlib model into the public domain, face-api ships it under MIT. The ' +
    'training data is not cleared: about half of its 3 million photos are VGG Face and FaceScrub, offered for ' +
    'non-commercial research, the rest was gathered from the internet.',
  weights: [
    {
      name: 'face_recognition_model-weights_manifest.json',
      bytes: 19_615,
      sha256: 'cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b',
    },
    {
      name: 'face_recognition_model.bin',
      bytes: 6_444_032,
      sha256: 'b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589',
    },
  ],
  places: faceApiPlaces,
  crop: 'dlib_150',
  pixels: 'RGB planes, 0..255; minus (122.782, 117.001, 104.298), divided by 256, in the graph',
  pixelSpec: null,
  canMirrorCrop: true,
  fallback: null,
  revision: 2,
  build: (weights, { mirrorCrop }) => [
    {
      path: '1/model.onnx',
      bytes: buildDlibResnet(faceApiWeights(weights, 'face_recognition_model'), { mirrorCrop }),
    },
  ],
};
