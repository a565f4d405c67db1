import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMessageFraming } from '../../../triton/server/message-framing.ts';

const messages = fc.array(
  fc.record({ isCompressed: fc.boolean(), length: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 700 })) }),
  { maxLength: 5 },
);

function framed({ isCompressed, length }: { isCompressed: boolean; length: number }): Buffer {
  const bytes = Buffer.alloc(5 + length, 1);
  bytes.writeUInt8(isCompressed ? 1 : 0, 0);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

describe("gRPC's framing", () => {
  it('is followed through chunks that are cut anywhere', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 300 })), (sent, cuts) => {
        const events: string[] = [];
        const framing = createMessageFraming({
          begins: (bytes, isCompressed) => events.push(`begins ${bytes} ${isCompressed}`),
          ends: () => events.push('ends'),
        });
        const stream = Buffer.concat(sent.map(framed));
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          framing.read(stream.subarray(at, at + cut));
          at += cut;
        }
        const told = sent.filter(({ length }) => length > 0);
        expect(events).toEqual(
          told.flatMap(({ length, isCompressed }) => [`begins ${length} ${isCompressed}`, 'ends']),
        );
      }),
    );
  });

  it('knows that a message has begun before it is whole', () => {
    const events: string[] = [];
    const framing = createMessageFraming({ begins: bytes => events.push(`${bytes}`), ends: () => events.push('ends') });
    framing.read(Buffer.of(0, 0, 1, 0, 0, 7));
    expect(events).toEqual(['65536']);
  });
});
