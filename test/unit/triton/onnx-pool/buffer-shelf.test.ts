import { describe, expect, it } from 'vitest';
import { createBufferShelf } from '../../../../triton/onnx-pool/buffer-shelf.ts';

describe('the buffer shelf', () => {
  it('gives a buffer that is large enough, and the same again once it is back', () => {
    const shelf = createBufferShelf(2);
    const buffer = shelf.take(100_000);
    expect(buffer.byteLength).toBeGreaterThanOrEqual(100_000);
    expect(shelf.take(100_000)).not.toBe(buffer);
    shelf.put(buffer);
    expect(shelf.take(90_000)).toBe(buffer);
    expect(shelf.take(0).byteLength).toBeGreaterThan(0);
  });

  it('does not spend a large buffer on a small need, nor a small one on a large', () => {
    const shelf = createBufferShelf(4);
    const [large, small] = [shelf.take(1_000_000), shelf.take(1000)];
    shelf.put(large);
    shelf.put(small);
    expect(shelf.take(10_000)).not.toBe(large);
    expect(shelf.take(1000)).toBe(small);
    expect(shelf.take(1_000_000)).toBe(large);
  });

  it('keeps no more than it may, the larger ones, and none that has left for another thread', () => {
    const shelf = createBufferShelf(1);
    const [large, small, moved] = [shelf.take(4096), shelf.take(64), shelf.take(4096)];
    structuredClone(moved, { transfer: [moved] });
    for (const buffer of [large, small, moved]) shelf.put(buffer);
    expect(shelf.take(64)).not.toBe(small);
    expect(shelf.take(4096)).toBe(large);
    expect(shelf.take(4096)).not.toBe(moved);
  });

  it('keeps no more bytes than it may', () => {
    const shelf = createBufferShelf(8, 10_000);
    const [small, large, huge] = [shelf.take(4096), shelf.take(8192), shelf.take(16_384)];
    for (const buffer of [huge, small, large]) shelf.put(buffer);
    expect(shelf.take(16_384)).not.toBe(huge);
    expect(shelf.take(4096)).toBe(large);
    expect(shelf.take(4096)).not.toBe(small);
  });
});
