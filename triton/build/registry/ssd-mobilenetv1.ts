import { buildFaceLandmark68 } from '../networks/face-landmark-68.ts';
import { buildSsdMobilenetV1 } from '../networks/ssd-mobilenetv1.ts';
import { faceApiPlaces, faceApiWeights } from './face-api-package.ts';
import type { KnownModel } from './known-model.ts';

/** face-api's SSD face detector with its 68-point landmark net: what takes MTCNN's place where that cannot be had. */
export const ssdMobilenetV1: KnownModel = {
  name: 'ssd_mobilenetv1',
  purpose: 'face detection with 68 landmarks: SSD on MobileNet v1, face_landmark_68',
  kind: 'detector',
  testOnly: false,
  licence: 'MIT',
  commercial: false,
  commercialNote:
    'The weights are MIT, but the detector was trained on WIDER FACE, whose terms allow non-commercial research only, ' +
    'and the landmark net on about 35,000 photos of unpublished origin.',
  weights: [
    {
      name: 'ssd_mobilenetv1_model-weights_manifest.json',
      bytes: 28_233,
      sha256: '888f744dffbc84f5f060d1f8427d9742341943a2dfaaf9205d10029b7e7a2955',
    },
    {
      name: 'ssd_mobilenetv1_model.bin',
      bytes: 5_616_957,
      sha256: '2835640602d53718aa6ae9a42896327eaa21beefed056c218d32ca7d79e1e2f8',
    },
    {
      name: 'face_landmark_68_model-weights_manifest.json',
      bytes: 8_485,
      sha256: 'ca4886639f86e99b39fed0c155f81b63317225773bd9616716e887b0153389c9',
    },
    {
      name: 'face_landmark_68_model.bin',
      bytes: 356_840,
      sha256: '4611ef65c87d836d03d684b30eec4d195d8b219fa1dd58fc58945831c6b9299b',
    },
  ],
  places: faceApiPlaces,
  crop: null,
  pixels: 'RGB planes, 0..255; normalised in the graphs',
  pixelSpec: null,
  canMirrorCrop: false,
  fallback: null,
  revision: 1,
  build: weights => [
    {
      path: 'ssd_mobilenetv1.onnx',
      bytes: buildSsdMobilenetV1(faceApiWeights(weights, 'ssd_mobilenetv1_model')),
    },
    {
      path: 'face_landmark_68.onnx',
      bytes: buildFaceLandmark68(faceApiWeights(weights, 'face_landmark_68_model')),
    },
  ],
};
