import { describe, expect, it } from 'vitest';
import { detectorNames } from '../../../../detector/detector.ts';
import { qualityConfig } from '../../../../face_id_api/config.ts';
import { gateModes, stricterMode } from '../../../../face_id_api/core/gate-mode.ts';
import type { FaceQuality } from '../../../../face_id_api/core/measure-quality.ts';
import {
  crowdFaults,
  measuredReasons,
  qualityFaults,
  reasonsOf,
  thresholdsFor,
} from '../../../../face_id_api/core/quality-faults.ts';

const configured = qualityConfig.parse({}).thresholds;
const thresholds = thresholdsFor(configured, 'mtcnn');

/** Just good enough in everything. */
const passable: FaceQuality = {
  sharpness: thresholds.sharpness,
  brightness: thresholds.brightness,
  contrast: 0.2,
  noise: 0.01,
  yaw: -thresholds.yaw,
  pitch: thresholds.pitch,
  roll: 90,
  boxSide: thresholds.box_side,
  confidence: thresholds.confidence,
  score: thresholds.score,
};

const reasons = (change: Partial<FaceQuality>) => reasonsOf(qualityFaults({ ...passable, ...change }, thresholds));

describe('qualityFaults', () => {
  it('finds nothing in a face that is exactly good enough, however it is rolled', () => {
    expect(qualityFaults(passable, thresholds)).toEqual([]);
  });

  it.each([
    ['SMALL_BOUNDING_BOX', { boxSide: thresholds.box_side - 0.5 }],
    ['LOW_BRIGHTNESS', { brightness: thresholds.brightness - 0.001 }],
    ['EXTREME_POSE', { yaw: thresholds.yaw + 1 }],
    ['EXTREME_POSE', { yaw: -thresholds.yaw - 1 }],
    ['EXTREME_POSE', { pitch: thresholds.pitch + 1 }],
    ['EXTREME_POSE', { pitch: -thresholds.pitch - 1, yaw: 180 }],
    ['LOW_SHARPNESS', { sharpness: thresholds.sharpness - 0.001 }],
    ['LOW_CONFIDENCE', { confidence: thresholds.confidence - 0.001 }],
    ['LOW_FACE_QUALITY', { score: thresholds.score - 0.001 }],
  ] as const)('says %s once for %o', (reason, change) => {
    expect(reasons(change)).toEqual([reason]);
  });

  it('names causes before what follows from them', () => {
    const everything = { boxSide: 1, brightness: 0, yaw: 90, pitch: 90, sharpness: 0, confidence: 0, score: 0 };
    expect(reasons(everything)).toEqual(measuredReasons);
  });

  it('says what was expected and what was measured, told apart by their digits', () => {
    const [small, dark, turned] = qualityFaults(
      { ...passable, boxSide: thresholds.box_side - 0.01, brightness: thresholds.brightness - 0.0004, yaw: -88.4 },
      thresholds,
    );
    expect(small?.message).toBe("pixels of the face's shorter side: expected at least 40, got 39.99");
    expect(dark?.message).toMatch(/^brightness: expected at least 0\.\d+, got 0\.\d{4}$/);
    expect(turned?.message).toBe(`yaw: expected at most ${thresholds.yaw}° to either side, got -88°`);
  });

  it('does not look at what its threshold lets pass', () => {
    const open = { sharpness: 0, brightness: 0, yaw: 180, pitch: 180, box_side: 0, confidence: 0, score: 0 };
    const worst = { boxSide: 0, brightness: 0, yaw: 180, pitch: -90, sharpness: 0, confidence: 0, score: 0 };
    expect(qualityFaults({ ...passable, ...worst }, open)).toEqual([]);
  });
});

describe('crowdFaults', () => {
  it.each([
    [1, 1, 0],
    [2, 1, 1],
    [3, 3, 0],
    [4, 3, 1],
    [1000, null, 0],
  ])('finds in %i faces where %o are expected %i faults', (faces, most, faults) => {
    expect(crowdFaults(faces, most)).toHaveLength(faults);
  });

  it('says how many were expected and found, and which of them counts', () => {
    expect(crowdFaults(30, 1)).toEqual([
      { reason: 'EXCEEDS_MAX_FACES', message: 'faces: expected at most 1, got 30, of which the largest counts' },
    ]);
  });

  it('takes one face for granted by default', () => {
    expect(configured.max_faces).toBe(1);
  });
});

describe('thresholdsFor', () => {
  it('asks of each detector the confidence that is usual for it, unless one is configured', () => {
    const confidences = detectorNames.map(name => thresholdsFor(configured, name).confidence);
    expect(confidences.every(confidence => confidence > 0.5 && confidence < 1)).toBe(true);
    expect(thresholdsFor(configured, 'unheard_of').confidence).toBe(0);
    expect(thresholdsFor({ ...configured, confidence: 0.7 }, 'mtcnn').confidence).toBe(0.7);
  });
});

describe('stricterMode', () => {
  it('lets a request ask for more and never for less', () => {
    for (const configured of gateModes) {
      expect(stricterMode(configured)).toBe(configured);
      for (const asked of gateModes) {
        const expected = gateModes[Math.max(gateModes.indexOf(configured), gateModes.indexOf(asked))];
        expect(stricterMode(configured, asked)).toBe(expected);
      }
    }
  });
});
