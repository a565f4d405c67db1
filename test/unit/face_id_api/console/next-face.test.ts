import { describe, expect, it } from 'vitest';
import { nextFace } from '../../../../face_id_api/console/photo/next-face.js';

const at = (x: number, y: number): [number, number, number, number] => [x - 5, y - 5, x + 5, y + 5];
const faces = [at(50, 50), at(20, 52), at(90, 45), at(48, 90), at(10, 10)];

describe('nextFace', () => {
  it('leads to the nearest face in the direction of the arrow', () => {
    const from = (index: number, key: string): number | null => nextFace(faces, index, key);
    expect([from(0, 'ArrowLeft'), from(0, 'ArrowRight'), from(0, 'ArrowDown'), from(0, 'ArrowUp')]).toEqual([
      1, 2, 3, 2,
    ]);
    expect(from(2, 'ArrowRight')).toBe(null);
    expect(from(0, 'Home')).toBe(null);
  });
});
