import { describe, expect, it } from 'vitest';
import { decodeBytesElements, encodeBytesElements, skipBytesElements } from '../../../../triton/core/bytes-elements.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const hex = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value, 'hex'));

describe('the elements of a BYTES tensor', () => {
  it('have their length before them, little-endian in four bytes', () => {
    expect(encodeBytesElements([text('abc'), text(''), text('de')])).toEqual(
      hex('03000000616263' + '00000000' + '020000006465'),
    );
    expect(encodeBytesElements([]).length).toBe(0);
    expect(encodeBytesElements([new Uint8Array(0x0102)]).subarray(0, 4)).toEqual(hex('02010000'));
  });

  it('are views into the bytes that they come from, wherever those begin', () => {
    const whole = Uint8Array.of(9, 9, 9, ...encodeBytesElements([text('abc'), text('')]));
    const elements = decodeBytesElements(whole.subarray(3));
    expect(elements).toEqual([text('abc'), text('')]);
    expect(elements[0]?.buffer).toBe(whole.buffer);
    expect(decodeBytesElements(new Uint8Array())).toEqual([]);
  });

  it('end where they are counted to', () => {
    const bytes = encodeBytesElements([text('abc'), text(''), text('de')]);
    expect([0, 1, 2, 3].map(count => skipBytesElements(bytes, 0, count))).toEqual([0, 7, 11, 17]);
    expect(skipBytesElements(bytes, 7, 2)).toBe(17);
    expect(() => skipBytesElements(bytes, 7, 3)).toThrow('element 2: expected 4 bytes of length, got 0');
  });

  it.each([
    ['half a length', '03000000616263' + '0200', 'element 1: expected 4 bytes of length, got 2'],
    ['an element cut short', '0300000061', 'element 0: expected 3 bytes, got 1'],
    ['a length of 4 GiB', 'ffffffff', 'element 0: expected 4294967295 bytes, got 0'],
  ])('refuse %s', (_, bytes, message) => {
    expect(() => decodeBytesElements(hex(bytes))).toThrow(new RangeError(message));
  });
});
