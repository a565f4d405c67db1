/** An image point or a point of a crop: [x, y]. */
export type Point = readonly [x: number, y: number];

/** Five landmarks: eye with the smaller x, other eye, nose, mouth corner with the smaller x, other corner (frontal face). */
export type Landmarks = readonly [Point, Point, Point, Point, Point];

/**
 * How a face is cut out for an embedder. It stands in the model's card and is part of its fingerprint.
 * `similarity`: a 5-point similarity transform onto `template`, in pixels of the crop.
 * `box`: the detector's box, `margin` pixels added as facenet-pytorch adds them, resized to the square.
 */
export type CropSpec =
  | { readonly kind: 'similarity'; readonly size: number; readonly template: Landmarks }
  | { readonly kind: 'box'; readonly size: number; readonly margin: number };

/** The crops that detectors can cut, by the name that `POST /detect?crop=` takes. */
export const cropSpecs = {
  dlib_150: { kind: 'similarity', size: 150, template: dlibChip(150, 0.25) },
  arcface_112: {
    kind: 'similarity',
    size: 112,
    // InsightFace's ArcFace template for 112 × 112.
    template: [
      [38.2946, 51.6963],
      [73.5318, 51.5014],
      [56.0252, 71.7366],
      [41.5493, 92.3655],
      [70.7299, 92.2041],
    ],
  },
  box_160: { kind: 'box', size: 160, margin: 0 },
} as const satisfies Record<string, CropSpec>;

export type CropName = keyof typeof cropSpecs;

export function isCropName(name: string): name is CropName {
  return Object.hasOwn(cropSpecs, name);
}

/** dlib's face chip (`get_face_chip_details`): mean face in the unit square, `padding` of it added on each side. */
function dlibChip(size: number, padding: number): Landmarks {
  const meanFace: Landmarks = [
    [0.2255, 0.216],
    [0.7548, 0.216],
    [0.4901, 0.5156],
    [0.2541, 0.7802],
    [0.7261, 0.7802],
  ];
  const place = ([x, y]: Point): Point => [
    ((padding + x) / (2 * padding + 1)) * size,
    ((padding + y) / (2 * padding + 1)) * size,
  ];
  return [place(meanFace[0]), place(meanFace[1]), place(meanFace[2]), place(meanFace[3]), place(meanFace[4])];
}
