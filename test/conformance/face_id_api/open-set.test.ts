import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findWorse, type GateFigures } from '../../../face_id_api/eval/core/find-worse.ts';
import { measureSample } from '../../../face_id_api/eval/open-set/measure-open-set.ts';
import { type OpenSetPhotos, readOpenSet } from '../../../face_id_api/eval/open-set/open-set-photos.ts';
import { type Gallery, searchPhotos } from '../../../face_id_api/eval/open-set/search-gallery.ts';
import { enrolOpenSet, searchOpenSet, withSample } from '../../../face_id_api/eval/open-set/search-open-set.ts';
import { readMeasured } from '../../../face_id_api/eval/write-calibration.ts';
import type { Running } from '../../../serve.ts';
import type { OpenSet } from '../../../triton/open-set.ts';
import { startProduct } from '../../end_to_end/product.ts';
import { testConfig } from '../../end_to_end/test-models.ts';

// The gate: identification must not become worse than the checked-in figures by more than their bounds.

const root = path.resolve(import.meta.dirname, '../../..');
const shared = path.resolve(root, '../shared');
const data = path.join(shared, 'photos/lfw-dev');

const measured = [
  { embedder: 'dlib_resnet', detector: 'mtcnn', weights: 'facenet-pytorch/pnet.pt' },
  { embedder: 'mobilefacenet', detector: 'mtcnn', weights: 'mobilefacenet-foamliu/MobileFaceNet.onnx' },
] as const;

for (const { embedder: embedderName, detector, weights } of measured) {
  const absent = ['photos/lfw-dev/gallery.txt', `models/${weights}`].find(file => !existsSync(path.join(shared, file)));
  const missing = absent === undefined ? '' : `skipped: ../shared/${absent} is not here`;
  describe.skipIf(missing)(`${embedderName} behind ${detector} among strangers ${missing}`, () => {
    let product: Running;
    let before: GateFigures;
    let photos: OpenSetPhotos;
    let gallery: Gallery;
    let searched: Awaited<ReturnType<typeof searchOpenSet>>;
    const thresholds = (): number[] => before.points.map(({ threshold }) => threshold);

    beforeAll(async () => {
      const config = await testConfig({ detector: { name: detector }, models: { embedder: embedderName } });
      product = await startProduct(config, ['triton', 'detector']);
      const { finder, embedder, embedderModel, detectorModel } = product;
      if (!finder || !embedder || !embedderModel) throw new Error('the engine did not start');
      expect(detectorModel?.name).toBe(detector);
      const { calibration } = await readMeasured(path.join(root, 'data/calibration'), embedderModel.card, detector);
      before = toFigures(calibration.open_set!);
      photos = withSample(await readOpenSet(data));
      const engine = {
        finder,
        embedder,
        crop: embedder.model.crop,
        onPhoto: () => {},
        signal: new AbortController().signal,
      };
      ({ gallery } = await enrolOpenSet(photos, engine));
      searched = await searchOpenSet(photos, gallery, engine);
    }, 1_200_000);
    afterAll(() => product?.close());

    test('is not worse than it was', () => {
      expect(findWorse(measureSample(searched.searches, gallery, thresholds()), before)).toEqual([]);
    });

    test('would be found out if half of every vector were lost', () => {
      const lossy = new Map([...searched.embeddings].map(([photo, vector]) => [photo, half(vector)]));
      const lossyGallery = gallery.map(templates => templates.map(half));
      const searches = searchPhotos(photos, lossyGallery, lossy);
      expect(findWorse(measureSample(searches, lossyGallery, thresholds()), before)).not.toEqual([]);
    });

    test('would be found out if photos that are searched for came out otherwise than those that were enrolled', () => {
      const shifted = new Map([...searched.embeddings].map(([photo, vector]) => [photo, shift(vector)]));
      const worse = findWorse(measureSample(searchPhotos(photos, gallery, shifted), gallery, thresholds()), before);
      expect(worse.join('\n')).toMatch(/FNIR/);
      expect(worse.join('\n')).toMatch(/rank-1/);
    });
  });
}

function toFigures({ sample }: OpenSet): GateFigures {
  return { failureToEnrol: sample.failure_to_enrol, rankOne: sample.rank_one, points: sample.points };
}

/** The first half, of length 1. */
function half(vector: Float32Array): Float32Array {
  const kept = vector.slice(0, vector.length / 2);
  const length = Math.hypot(...kept);
  return kept.map(value => value / length);
}

/** Every value in its neighbour's place. */
function shift(vector: Float32Array): Float32Array {
  return Float32Array.from(vector, (_, i) => vector[(i + 1) % vector.length]!);
}
