import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDlibResnet } from '../../../../../triton/build/networks/dlib-resnet.ts';
import { buildFaceLandmark68 } from '../../../../../triton/build/networks/face-landmark-68.ts';
import { buildSsdMobilenetV1 } from '../../../../../triton/build/networks/ssd-mobilenetv1.ts';
import { readFaceApiWeights } from '../../../../../triton/build/weights/read-face-api-weights.ts';
import type { Weights } from '../../../../../triton/build/weights/weights.ts';
import { loadFaceApi, loadNet, packageDir, readManifest, readShard } from './face-api.ts';
import { lcgPixels } from './lcg-pixels.ts';
import { maxDifference, runOnnx } from './run-onnx.ts';

const weightsOf = (name: string): Weights => readFaceApiWeights(readManifest(name), [readShard(name)]);

/** A face of one of the package's photos, and noise: interleaved RGB, two images of side × side. */
async function twoImages(side: number): Promise<Uint8Array> {
  const face = await photo()
    .extract({ left: 780, top: 390, width: 310, height: 310 })
    .resize(side, side)
    .raw()
    .toBuffer();
  return Buffer.concat([face, lcgPixels(7, 3 * side * side)]);
}

const photo = (): ReturnType<typeof sharp> => sharp(path.join(packageDir, 'demo/sample1.jpg'));

/** Interleaved images of side × side to planes. */
function toPlanes(images: Uint8Array, side: number): Uint8Array {
  const area = side * side;
  return images.map((_, i) => {
    const image = Math.floor(i / (3 * area));
    const plane = Math.floor(i / area) % 3;
    return images[3 * (image * area + (i % area)) + plane]!;
  });
}

/** Interleaved images of `width` columns, each row reversed. */
function mirror(images: Uint8Array, width: number): Uint8Array {
  return images.map((_, i) => {
    const pixel = Math.floor(i / 3);
    const column = pixel % width;
    return images[3 * (pixel - column + width - 1 - column) + (i % 3)]!;
  });
}

function normalised(vectors: Float32Array, size: number): Float32Array {
  return vectors.map((value, i) => {
    const start = i - (i % size);
    return value / Math.hypot(...vectors.subarray(start, start + size));
  });
}

describe('face-api’s networks against face-api itself', () => {
  let faceApi: Awaited<ReturnType<typeof loadFaceApi>>;
  beforeAll(async () => {
    faceApi = await loadFaceApi();
  });
  /** A batch for face-api, from interleaved pixels. */
  const toInput = (values: Float32Array, side: number): unknown => {
    const perImage = 3 * side * side;
    const images = Array.from({ length: values.length / perImage }, (_, i) =>
      faceApi.tf.tensor4d(values.subarray(i * perImage, (i + 1) * perImage), [1, side, side, 3]),
    );
    return new faceApi.NetInput(images);
  };

  it('dlib_resnet embeds a crop, and a crop with its mirror image, as FaceRecognitionNet does', async () => {
    const images = await twoImages(150);
    const net = await loadNet(faceApi, faceApi.FaceRecognitionNet, 'face_recognition');
    // face-api divides by 255 where dlib, and this model, divide by 256: its input is moved to where both agree.
    const mean = [122.782, 117.001, 104.298];
    const embed = (pixels: Uint8Array): Float32Array => {
      const moved = Float32Array.from(pixels, (value, i) => mean[i % 3]! + ((value - mean[i % 3]!) * 255) / 256);
      return net.forwardInput(toInput(moved, 150)).dataSync();
    };
    const plain = embed(images);
    const mirrored = embed(mirror(images, 150));
    const input = { name: 'INPUT__0', shape: [2, 3, 150, 150], data: toPlanes(images, 150) };
    const weights = weightsOf('face_recognition');

    const once = (await runOnnx(buildDlibResnet(weights, { mirrorCrop: false }), input)).get('OUTPUT__0');
    expect(once?.shape).toEqual([2, 128]);
    expect(maxDifference(once?.data ?? [], normalised(plain, 128))).toBeLessThan(1e-5);

    const twice = (await runOnnx(buildDlibResnet(weights, { mirrorCrop: true }), input)).get('OUTPUT__0');
    const sums = plain.map((value, i) => value + mirrored[i]!);
    expect(twice?.shape).toEqual([2, 128]);
    expect(maxDifference(twice?.data ?? [], normalised(sums, 128))).toBeLessThan(1e-5);
    expect(maxDifference(twice?.data ?? [], once?.data ?? [])).toBeGreaterThan(1e-2);
  });

  it('face_landmark_68 places the points where FaceLandmark68Net does', async () => {
    const images = await twoImages(112);
    const net = await loadNet(faceApi, faceApi.FaceLandmark68Net, 'face_landmark_68');
    const expected = net.forwardInput(toInput(Float32Array.from(images), 112)).dataSync();
    const input = { name: 'input', shape: [2, 3, 112, 112], data: toPlanes(images, 112) };
    const output = (await runOnnx(buildFaceLandmark68(weightsOf('face_landmark_68')), input)).get('output');
    expect(output?.shape).toEqual([2, 68, 2]);
    expect(maxDifference(output?.data ?? [], expected)).toBeLessThan(1e-5);
  });

  it('ssd_mobilenetv1 decodes the boxes and scores that SsdMobilenetv1 does, in a photo with three faces', async () => {
    const background = { r: 0, g: 0, b: 0 };
    const image = await photo().resize(512, 512, { fit: 'contain', position: 'left top', background }).raw().toBuffer();
    const net = await loadNet(faceApi, faceApi.SsdMobilenetv1, 'ssd_mobilenetv1');
    const { boxes, scores } = net.forwardInput(toInput(Float32Array.from(image), 512));
    const yFirst = boxes[0]?.dataSync() ?? new Float32Array();
    const xFirst = yFirst.map((_, i) => yFirst[i % 2 === 0 ? i + 1 : i - 1]!);

    const input = { name: 'input', shape: [1, 3, 512, 512], data: toPlanes(image, 512) };
    const outputs = await runOnnx(buildSsdMobilenetV1(weightsOf('ssd_mobilenetv1')), input);
    expect(outputs.get('boxes')?.shape).toEqual([1, 5118, 4]);
    expect(outputs.get('scores')?.shape).toEqual([1, 5118]);
    expect(maxDifference(outputs.get('boxes')?.data ?? [], xFirst)).toBeLessThan(1e-4);
    expect(maxDifference(outputs.get('scores')?.data ?? [], scores[0]?.dataSync() ?? [])).toBeLessThan(1e-4);
    expect(outputs.get('scores')?.data.filter(score => score > 0.5).length).toBeGreaterThanOrEqual(3);
  });
});
