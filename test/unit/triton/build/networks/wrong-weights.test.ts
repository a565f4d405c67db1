import { describe, expect, it } from 'vitest';
import { buildDlibResnet } from '../../../../../triton/build/networks/dlib-resnet.ts';
import { buildFaceLandmark68 } from '../../../../../triton/build/networks/face-landmark-68.ts';
import { buildOnet } from '../../../../../triton/build/networks/onet.ts';
import { buildPnet } from '../../../../../triton/build/networks/pnet.ts';
import { buildRnet } from '../../../../../triton/build/networks/rnet.ts';
import { buildSsdMobilenetV1 } from '../../../../../triton/build/networks/ssd-mobilenetv1.ts';
import type { Weights } from '../../../../../triton/build/weights/weights.ts';
import { WeightsError } from '../../../../../triton/build/weights/weights-error.ts';

describe.each<[string, (weights: Weights) => Uint8Array]>([
  ['buildPnet', buildPnet],
  ['buildRnet', buildRnet],
  ['buildOnet', buildOnet],
  ['buildDlibResnet', weights => buildDlibResnet(weights, { mirrorCrop: true })],
  ['buildSsdMobilenetV1', buildSsdMobilenetV1],
  ['buildFaceLandmark68', buildFaceLandmark68],
])('%s', (_, build) => {
  it('refuses the weights of another network, naming the first that is missing', () => {
    const weights = new Map([['other', { shape: [1], data: Float32Array.of(1) }]]);
    expect(() => build(weights)).toThrow(WeightsError);
    expect(() => build(weights)).toThrow(/^weight '.+': expected shape \[[\d,]+\], got no such weight$/);
  });
});
