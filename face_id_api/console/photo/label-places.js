// @ts-check

/** @typedef {{ readonly left: number, readonly top: number, readonly width: number, readonly height: number }} Rect */
/** @typedef {{ readonly width: number, readonly height: number }} Size */
/** @typedef {{ readonly left: number, readonly top: number, readonly form: 'full' | 'short' }} Place */

const gap = 4;

/**
 * Places for the faces' labels, so that none lies on another and as few as possible on a face: above the box, below it, beside it or in
 * it. Where the full label has no room its short form is tried; where that has none either, the face has no label (null).
 * @param {readonly { readonly box: Rect, readonly full: Size, readonly short: Size }[]} faces the most important first
 * @param {Size} area that labels have to stay in
 * @returns {(Place | null)[]}
 */
export function labelPlaces(faces, area) {
  /** @type {Rect[]} */
  const taken = [];
  return faces.map((face, index) => {
    const others = faces.filter((_, i) => i !== index).map(({ box }) => box);
    for (const form of /** @type {const} */ (['full', 'short'])) {
      const free = placesAround(face.box, face[form])
        .map(rect => keepInside(rect, area))
        .filter(rect => !taken.some(other => overlap(rect, other) > 0));
      const best = leastOver(free, others);
      // A full label that hides another face is worse than a short one that does not.
      if (best === null || (form === 'full' && best.covered > 0.25 * face.full.width * face.full.height)) continue;
      taken.push(best.rect);
      return { left: best.rect.left, top: best.rect.top, form };
    }
    return null;
  });
}

/**
 * @param {Rect} box
 * @param {Size} label
 * @returns {Rect[]} the best first
 */
function placesAround({ left, top, width, height }, label) {
  const right = left + width - label.width;
  const above = top - label.height - gap;
  const below = top + height + gap;
  const middle = left + (width - label.width) / 2;
  /** @type {[number, number][]} */
  const corners = [
    [left, above],
    [right, above],
    [middle, below],
    [left, below],
    [right, below],
    [left + gap, top + gap],
  ];
  return corners.map(([x, y]) => ({ left: x, top: y, ...label }));
}

/**
 * @param {Rect} rect
 * @param {Size} area
 * @returns {Rect}
 */
function keepInside(rect, { width, height }) {
  return {
    ...rect,
    left: Math.min(Math.max(0, rect.left), Math.max(0, width - rect.width)),
    top: Math.min(Math.max(0, rect.top), Math.max(0, height - rect.height)),
  };
}

/**
 * @param {readonly Rect[]} rects
 * @param {readonly Rect[]} others
 */
function leastOver(rects, others) {
  /** @type {{ rect: Rect, covered: number } | null} */
  let best = null;
  for (const rect of rects) {
    const covered = others.reduce((sum, other) => sum + overlap(rect, other), 0);
    if (best === null || covered < best.covered) best = { rect, covered };
  }
  return best;
}

/**
 * @param {Rect} a
 * @param {Rect} b
 */
function overlap(a, b) {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}
