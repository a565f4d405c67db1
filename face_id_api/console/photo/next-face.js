// @ts-check

/** @typedef {import('../replies.d.ts').Box} Box */

/** @type {Readonly<Record<string, readonly [number, number]>>} */
const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The face that an arrow key leads to: the nearest one in that direction, being off to a side counted twice. Null where there is none,
 * or for another key.
 * @param {readonly Box[]} boxes
 * @param {number} from
 * @param {string} key
 * @returns {number | null}
 */
export function nextFace(boxes, from, key) {
  const direction = directions[key];
  const start = boxes[from];
  if (direction === undefined || start === undefined) return null;
  const [x, y] = centre(start);
  let best = { index: -1, distance: Number.POSITIVE_INFINITY };
  for (const [index, box] of boxes.entries()) {
    const [dx, dy] = [centre(box)[0] - x, centre(box)[1] - y];
    const along = dx * direction[0] + dy * direction[1];
    const aside = Math.abs(dx * direction[1] + dy * direction[0]);
    const distance = along + 2 * aside;
    if (index !== from && along > 0 && distance < best.distance) best = { index, distance };
  }
  return best.index < 0 ? null : best.index;
}

/**
 * @param {Box} box
 * @returns {[number, number]}
 */
function centre([x1, y1, x2, y2]) {
  return [(x1 + x2) / 2, (y1 + y2) / 2];
}
