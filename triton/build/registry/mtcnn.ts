import { buildOnet } from '../networks/onet.ts';
import { buildPnet } from '../networks/pnet.ts';
import { buildRnet } from '../networks/rnet.ts';
import { readPickleWeights } from '../weights/read-pickle-weights.ts';
import { type KnownModel, weightFile } from './known-model.ts';

/** The three networks of MTCNN (Zhang et al., 2016), as facenet-pytorch publishes them. */
export const mtcnn: KnownModel = {
  name: 'mtcnn',
  purpose: 'face detection with 5 landmarks: P-Net, R-Net, O-Net',
  kind: 'detector',
  testOnly: false,
  licence: 'MIT',
  commercial: false,
  commercialNote:
    'The weights are MIT, here and in the repository of MTCNN’s authors, but they were trained on WIDER FACE and CelebA, whose terms allow non-commercial research ' +
    'only, for the images and what is derived from them.',
  weights: [
    { name: 'pnet.pt', bytes: 28_570, sha256: 'a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f' },
    { name: 'rnet.pt', bytes: 403_147, sha256: 'bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86' },
    { name: 'onet.pt', bytes: 1_559_269, sha256: '165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d' },
  ],
  places: [
    { kind: 'mirror', folder: 'facenet-pytorch' },
    { kind: 'wheel', requirement: 'facenet-pytorch==2.5.3', folder: 'facenet_pytorch/data' },
    {
      kind: 'https',
      repository: 'timesler/facenet-pytorch',
      commit: '787da06156087cd6b616fe6608213722bddc30cd',
      folder: 'data',
    },
  ],
  crop: null,
  pixels: 'RGB planes, 0..255; minus 127.5, divided by 128, in the graphs',
  pixelSpec: null,
  canMirrorCrop: false,
  fallback: 'ssd_mobilenetv1',
  revision: 3,
  build: weights => [
    { path: 'pnet.onnx', bytes: buildPnet(readPickleWeights(weightFile(weights, 'pnet.pt'))) },
    { path: 'rnet.onnx', bytes: buildRnet(readPickleWeights(weightFile(weights, 'rnet.pt'))) },
    { path: 'onet.onnx', bytes: buildOnet(readPickleWeights(weightFile(weights, 'onet.pt'))) },
  ],
};
