import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServiceError } from '../../../detector/errors.ts';
import { decodeDetectReply, encodeBinaryDetectReply, headerLengthName } from '../../../detector/http/detect-reply.ts';
import { face } from '../../unit/detector/sample-face.ts';

const limits = { maxFaces: 5, cropSize: 2 };
const headersOf = (length: string | null) => ({ get: (name: string) => (name === headerLengthName ? length : null) });

function expectOwnErrorOrFaces(length: string | null, body: Uint8Array): void {
  try {
    const found = decodeDetectReply(headersOf(length), body, limits);
    expect(found.crops?.length).toBe(found.faces.length * 12);
    expect(found.faces.length).toBeLessThanOrEqual(5);
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: 'DEPENDENCY_DOWN' });
  }
}

test('any bytes under any length give faces within the limits or DEPENDENCY_DOWN', () => {
  const length = fc.oneof(fc.constant(null), fc.nat(300).map(String), fc.string({ maxLength: 12 }));
  fc.assert(fc.property(length, fc.uint8Array({ maxLength: 300 }), expectOwnErrorOrFaces));
});

test('any JSON does so too', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.uint8Array({ maxLength: 40 }), (value, crops) => {
      const json = Buffer.from(JSON.stringify(value));
      expectOwnErrorOrFaces(String(json.length), Buffer.concat([json, crops]));
    }),
  );
});

test('and a valid reply in which bytes were changed, cut or added', () => {
  const faces = [face([0, 0, 40, 40]), face([5, 5, 20, 20])];
  const image = { width: 50, height: 50 };
  const valid = encodeBinaryDetectReply({ image, detector: 'mtcnn', faces, crops: new Uint8Array(24) }, 2);
  const edits = fc.array(fc.tuple(fc.nat(valid.body.length - 1), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(edits, fc.integer({ min: -30, max: 30 }), fc.integer({ min: -3, max: 3 }), (changes, grow, shift) => {
      const body = new Uint8Array(valid.body.length + grow);
      body.set(valid.body.subarray(0, body.length));
      for (const [at, value] of changes) if (at < body.length) body[at] = value;
      expectOwnErrorOrFaces(String(valid.headerLength + shift), body);
    }),
    { numRuns: 500 },
  );
});
