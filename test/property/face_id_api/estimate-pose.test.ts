import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimatePose } from '../../../face_id_api/core/estimate-pose.ts';
import { cropSpecs, type Landmarks, type Point } from '../../../triton/core/crop-spec.ts';

const [eye, otherEye, nose, mouth, otherMouth] = cropSpecs.arcface_112.template;
const noseDepth = 20;

type Turn = { readonly yaw: number; readonly pitch: number; readonly roll: number };

/** The mean face as a camera far away sees it: turned to the side, then up, then within the picture; enlarged, and somewhere. */
function seen({ yaw, pitch, roll }: Turn, scale: number, [shiftX, shiftY]: Point): Landmarks {
  const [sinYaw, cosYaw] = sineAndCosine(yaw);
  const [sinPitch, cosPitch] = sineAndCosine(pitch);
  const [sinRoll, cosRoll] = sineAndCosine(roll);
  const eyesX = (otherEye[0] - eye[0]) / 2;
  const mouthX = (otherMouth[0] - mouth[0]) / 2;
  const eyesY = (eye[1] + otherEye[1]) / 2;
  const mouthY = (mouth[1] + otherMouth[1]) / 2;
  const project = (x: number, y: number, depth: number): Point => {
    const turnedX = x * cosYaw + depth * sinYaw;
    const turnedDepth = depth * cosYaw - x * sinYaw;
    const turnedY = y * cosPitch - turnedDepth * sinPitch;
    return [
      shiftX + scale * (turnedX * cosRoll - turnedY * sinRoll),
      shiftY + scale * (turnedX * sinRoll + turnedY * cosRoll),
    ];
  };
  return [
    project(-eyesX, eyesY, 0),
    project(eyesX, eyesY, 0),
    project(0, nose[1], noseDepth),
    project(-mouthX, mouthY, 0),
    project(mouthX, mouthY, 0),
  ];
}

function sineAndCosine(degrees: number): [number, number] {
  const radians = (degrees * Math.PI) / 180;
  return [Math.sin(radians), Math.cos(radians)];
}

const angle = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
const turn = fc.record({ yaw: angle(80), pitch: angle(80), roll: angle(170) });
const scale = fc.double({ min: 0.1, max: 50, noNaN: true });
const coordinate = fc.double({ min: -3000, max: 3000, noNaN: true });

test('the pose of the mean face is found again, however it is turned, wherever and however large', () => {
  fc.assert(
    fc.property(turn, scale, fc.tuple(coordinate, coordinate), (turned, scale, shift) => {
      const pose = estimatePose(seen(turned, scale, shift));
      for (const name of ['yaw', 'pitch', 'roll'] as const) expect(pose[name]).toBeCloseTo(turned[name], 3);
    }),
  );
});

test('a mirrored face is turned to the other side', () => {
  fc.assert(
    fc.property(turn, turned => {
      const [a, b, c, d, e] = seen(turned, 1, [0, 0]).map(([x, y]): Point => [-x, y]) as unknown as Landmarks;
      const mirrored = estimatePose([b, a, c, e, d]);
      expect(mirrored.yaw).toBeCloseTo(-turned.yaw, 3);
      expect(mirrored.pitch).toBeCloseTo(turned.pitch, 3);
      expect(mirrored.roll).toBeCloseTo(-turned.roll, 3);
    }),
  );
});

test('the template itself looks ahead', () => {
  const { yaw, pitch, roll } = estimatePose(cropSpecs.arcface_112.template);
  for (const angle of [yaw, pitch, roll]) expect(Math.abs(angle)).toBeLessThan(1.5);
});

test('landmarks without a pose are turned away wholly, and none ever gives NaN', () => {
  const point: Point = [50, 50];
  const line = [10, 20, 30, 40, 50].map((x): Point => [x, 2 * x]) as unknown as Landmarks;
  for (const landmarks of [[point, point, point, point, point] as const, line]) {
    expect(estimatePose(landmarks)).toEqual({ yaw: 90, pitch: 90, roll: 0 });
  }
  const any = fc.tuple(coordinate, coordinate);
  fc.assert(
    fc.property(fc.tuple(any, any, any, any, any), landmarks => {
      const { yaw, pitch, roll } = estimatePose(landmarks);
      expect(Math.abs(yaw)).toBeLessThanOrEqual(180);
      expect(Math.abs(pitch)).toBeLessThanOrEqual(90);
      expect(Math.abs(roll)).toBeLessThanOrEqual(180);
    }),
  );
});
