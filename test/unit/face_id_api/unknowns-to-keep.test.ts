import { describe, expect, it } from 'vitest';
import { qualityConfig } from '../../../face_id_api/config.ts';
import type { FaceQuality } from '../../../face_id_api/core/measure-quality.ts';
import type { IdentifiedFace } from '../../../face_id_api/identify.ts';
import { unknownsToKeep } from '../../../face_id_api/unknowns-to-keep.ts';
import { fakeDeps, vectorOf } from '../../api/face_id_api/fake-deps.ts';

const good: FaceQuality = {
  sharpness: 1,
  brightness: 0.5,
  contrast: 0.2,
  noise: 0.01,
  yaw: 0,
  pitch: 0,
  roll: 0,
  boxSide: 100,
  confidence: 0.999,
  score: 1,
};

const seen = (who: number, decision: 'match' | 'unknown', quality?: FaceQuality): IdentifiedFace => ({
  face: { box: [0, 0, 100, 100], confidence: 0.999, landmarks: [] as never },
  verdict: { id: decision === 'match' ? who : null, decision, score: null, confidence: null },
  embedding: vectorOf(who),
  ...(quality && { quality }),
});

/** Which of the faces are kept, by `who`; there are no crops to measure. */
async function kept(gate: 'off' | 'warn' | 'refuse', faces: readonly IdentifiedFace[], detector = 'mtcnn') {
  const { embedder, store } = fakeDeps();
  await store.close();
  const photo = { image: { width: 640, height: 480 }, detector, crops: null, faces };
  const quality = qualityConfig.parse({ gate });
  const all = await unknownsToKeep({ embedder, quality }, photo, new AbortController().signal);
  return all.map(({ vector, detector }) => [vector.indexOf(1), detector]);
}

describe('unknownsToKeep', () => {
  it('keeps every unknown face, and nobody who is known, where nothing is refused', async () => {
    const faces = [seen(1, 'unknown'), seen(2, 'match'), seen(3, 'unknown')];
    for (const gate of ['off', 'warn'] as const) {
      expect(await kept(gate, faces)).toEqual([
        [1, 'mtcnn'],
        [3, 'mtcnn'],
      ]);
    }
  });

  it('leaves out what the gate would refuse, and does not look at those who are known', async () => {
    const faces = [
      seen(1, 'unknown', { ...good, boxSide: 36, confidence: 0.75 }),
      seen(2, 'match'),
      seen(3, 'unknown', good),
      seen(4, 'unknown', { ...good, sharpness: 0.1 }),
    ];
    expect(await kept('refuse', faces)).toEqual([[3, 'mtcnn']]);
  });

  it('asks for the confidence that is usual for the detector', async () => {
    const faces = [seen(1, 'unknown', { ...good, confidence: 0.7 })];
    expect(await kept('refuse', faces, 'mtcnn')).toEqual([]);
    expect(await kept('refuse', faces, 'ssd_mobilenetv1')).toEqual([[1, 'ssd_mobilenetv1']]);
  });
});
