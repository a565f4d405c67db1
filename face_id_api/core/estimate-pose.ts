import { cropSpecs, type Landmarks } from '../../triton/core/crop-spec.ts';

/**
 * How a head is turned, in degrees; all 0 for a face that looks like ArcFace's template. Yaw: towards the photo's right. Pitch: upwards.
 * Roll: clockwise, as one sees it.
 */
export type Pose = { readonly yaw: number; readonly pitch: number; readonly roll: number };

/**
 * How far the tip of the nose stands out of the plane through eyes and mouth corners, in px of the template: 0.57 of the distance
 * between the eyes, as in the canonical face model of MediaPipe (vertices 33, 133, 263, 362; 1; 61, 291).
 */
const noseDepth = 20;

/** Eyes and mouth corners are taken for a plane, the nose for a point before it. */
const meanFace = meanFaceOf(cropSpecs.arcface_112.template);
const moments = momentsOf(meanFace);

/**
 * The pose under scaled orthographic projection (D. F. DeMenthon and L. S. Davis, "Model-based object pose in 25 lines of code", 1995):
 * least squares for the 2 × 3 matrix that carries a mean face's points to the landmarks, of which the nearest scaled rotation is taken.
 * It knows one nose and one face; two people who look the same way can differ by 10°. Landmarks that coincide are turned away wholly:
 * yaw and pitch 90.
 */
export function estimatePose(landmarks: Landmarks): Pose {
  const [a, b] = projectionOf(landmarks);
  const aa = dot(a, a);
  const ab = dot(a, b);
  const bb = dot(b, b);
  const root = Math.sqrt(aa * bb - ab * ab);
  // Written so that NaN counts as degenerate as well.
  if (!(root > Math.max(1e-9, 1e-6 * (aa + bb)))) return { yaw: 90, pitch: 90, roll: 0 };
  // (M·Mᵀ)^-½·M, by the closed form of the square root of a symmetric 2 × 2 matrix; the common factor falls out of all angles.
  const right = combine(bb + root, a, -ab, b);
  const down = combine(aa + root, b, -ab, a);
  const forward = cross(right, down);
  const sine = forward[1] / Math.hypot(...forward);
  return {
    yaw: degrees(Math.atan2(-forward[0], forward[2])),
    pitch: degrees(Math.asin(Math.max(-1, Math.min(1, sine)))),
    roll: degrees(Math.atan2(-right[1], down[1])),
  };
}

type Vector = readonly [number, number, number];

/** How the photo's x and y follow from the mean face's x, y and depth. As the mean face is symmetric, x is apart from the other two. */
function projectionOf(landmarks: Landmarks): readonly [Vector, Vector] {
  const [sumX, sumY] = landmarks.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
  const n = landmarks.length;
  const rows = [sumX / n, sumY / n].map((mean, axis): Vector => {
    let [byX, byY, byDepth] = [0, 0, 0];
    for (const [i, [x, y, depth]] of meanFace.entries()) {
      const value = landmarks[i]![axis]! - mean;
      byX += value * x;
      byY += value * y;
      byDepth += value * depth;
    }
    const { xx, yy, yd, dd } = moments;
    const determinant = yy * dd - yd * yd;
    return [byX / xx, (dd * byY - yd * byDepth) / determinant, (yy * byDepth - yd * byY) / determinant];
  });
  return [rows[0]!, rows[1]!];
}

/** The template, made symmetric and centred, with depths towards the viewer. */
function meanFaceOf([eye, otherEye, nose, mouth, otherMouth]: Landmarks): readonly Vector[] {
  const halfEyes = (otherEye[0] - eye[0]) / 2;
  const halfMouth = (otherMouth[0] - mouth[0]) / 2;
  const eyesY = (eye[1] + otherEye[1]) / 2;
  const mouthY = (mouth[1] + otherMouth[1]) / 2;
  const middleY = (2 * eyesY + nose[1] + 2 * mouthY) / 5;
  const middleDepth = noseDepth / 5;
  return [
    [-halfEyes, eyesY - middleY, -middleDepth],
    [halfEyes, eyesY - middleY, -middleDepth],
    [0, nose[1] - middleY, noseDepth - middleDepth],
    [-halfMouth, mouthY - middleY, -middleDepth],
    [halfMouth, mouthY - middleY, -middleDepth],
  ];
}

function momentsOf(points: readonly Vector[]): { xx: number; yy: number; yd: number; dd: number } {
  const sum = (i: number, j: number): number => points.reduce((total, point) => total + point[i]! * point[j]!, 0);
  return { xx: sum(0, 0), yy: sum(1, 1), yd: sum(1, 2), dd: sum(2, 2) };
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function combine(p: number, a: Vector, q: number, b: Vector): Vector {
  return [p * a[0] + q * b[0], p * a[1] + q * b[1], p * a[2] + q * b[2]];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}
