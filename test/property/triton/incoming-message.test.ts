import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBufferShelf } from '../../../triton/onnx-pool/buffer-shelf.ts';
import { createIncomingMessage } from '../../../triton/server/incoming-message.ts';

const maxBytes = 200_000;

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The bytes in pieces that end at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map(place => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

describe('the message of a unary call', () => {
  it('is what was sent, wherever it is cut, in memory of its own', () => {
    const size = fc.oneof(fc.nat(300), fc.integer({ min: 32_000, max: 150_000 }));
    fc.assert(
      fc.property(size, fc.array(fc.nat(), { maxLength: 8 }), fc.nat(255), (length, places, first) => {
        const sent = Uint8Array.from({ length }, (_, i) => (first + i * 7) & 255);
        const incoming = createIncomingMessage(maxBytes, createBufferShelf(1));
        const socket = framed(sent);
        for (const chunk of cut(socket, places)) incoming.read(chunk);
        socket.fill(0);
        const { bytes, buffer } = incoming.whole() ?? { bytes: undefined };
        expect(bytes && Buffer.compare(bytes, sent)).toBe(0);
        if (buffer === undefined) expect(length).toBeLessThan(32 * 1024);
        // What ends such a message is aligned for any element.
        else expect((bytes?.byteOffset ?? 1) + length).toSatisfy((end: number) => end % 64 === 0);
      }),
      { numRuns: 200 },
    );
  });

  it('is not there until it is whole', () => {
    const incoming = createIncomingMessage(maxBytes, createBufferShelf(1));
    const bytes = framed(new Uint8Array(1000));
    for (const byte of bytes.subarray(0, -1)) {
      incoming.read(Buffer.of(byte));
      expect(incoming.whole()).toBeUndefined();
    }
    incoming.read(bytes.subarray(-1));
    expect(incoming.whole()?.bytes).toHaveLength(1000);
  });

  it('is refused when it is too large, before any memory is taken for it, and when another follows', () => {
    const shelf = { take: () => expect.fail('no memory was to be taken'), put: () => {} };
    const large = createIncomingMessage(maxBytes, shelf);
    expect(() => large.read(framed(new Uint8Array(maxBytes + 1)))).toThrow(/larger than max/);
    const two = createIncomingMessage(maxBytes, createBufferShelf(1));
    two.read(framed(new Uint8Array(10)));
    expect(() => two.read(framed(new Uint8Array(10)))).toThrow(/expected one message/);
  });
});
