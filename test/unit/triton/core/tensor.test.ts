import { describe, expect, it } from 'vitest';
import { byteSize, elementCount, toFloat32Array } from '../../../../triton/core/tensor.ts';

describe('a tensor', () => {
  it('has as many elements as its dimensions multiply to, one for a scalar, none for an empty one', () => {
    expect([elementCount([2, 3, 4]), elementCount([]), elementCount([2, 0, 4])]).toEqual([24, 1, 0]);
    expect(byteSize('FP32', [2, 3])).toBe(24);
    expect(byteSize('INT64', [])).toBe(8);
  });

  it('gives floats as a view where its bytes are aligned', () => {
    const floats = Float32Array.of(1, 2, 3);
    const view = toFloat32Array(new Uint8Array(floats.buffer, 4));
    expect([...view]).toEqual([2, 3]);
    expect(view.buffer).toBe(floats.buffer);
  });

  it.each([1, 2, 3])('gives floats at an offset of %i as a copy, from a Uint8Array as from a Buffer', offset => {
    const bytes = new Uint8Array(8 + offset);
    bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), offset);
    expect([...toFloat32Array(bytes.subarray(offset))]).toEqual([1.5, -2]);
    // A Buffer's slice is a view: this once read the bytes from the start of the memory.
    expect([...toFloat32Array(Buffer.from(bytes.buffer).subarray(offset))]).toEqual([1.5, -2]);
  });

  it('refuses bytes that are no whole number of floats', () => {
    expect(() => toFloat32Array(new Uint8Array(6))).toThrow('expected a multiple of 4 bytes, got 6');
  });
});
