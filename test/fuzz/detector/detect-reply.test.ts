import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServiceError } from '../../../detector/errors.ts';
import { decodeDetectReply, encodeBinaryDetectReply } from '../../../detector/http/detect-reply.ts';
import { face } from '../../unit/detector/sample-face.ts';
import { fuzz, resultOr } from '../fuzz.ts';
import { mutated } from '../mutate.ts';

const size = 8;
const limits = { maxFaces: 3, cropSize: size };
const replies = [0, 1, 3].map(count =>
  encodeBinaryDetectReply(
    {
      image: { width: 640, height: 480 },
      detector: 'mtcnn',
      faces: Array.from({ length: count }, (_, i) => face([10, 10, 200 - 50 * i, 190 - 50 * i], 0.9)),
      crops: new Uint8Array(count * 3 * size * size),
    },
    size,
  ),
);

const isOurs = (error: unknown): error is ServiceError => error instanceof ServiceError;

async function reads(header: string | null, body: Uint8Array): Promise<void> {
  const found = await resultOr(() => decodeDetectReply({ get: () => header }, body, limits), isOurs);
  if (found instanceof ServiceError) {
    expect(found.code).toBe('DEPENDENCY_DOWN');
    return;
  }
  const count = found.faces.length;
  expect(count).toBeLessThanOrEqual(limits.maxFaces);
  expect(found.crops?.length).toBe(count * 3 * size * size);
  const numbers = found.faces.flatMap(({ box, confidence, landmarks }) => [...box, confidence, ...landmarks.flat()]);
  expect(numbers.every(Number.isFinite)).toBe(true);
}

test('a damaged reply of the detector is read or refused as DEPENDENCY_DOWN', async () => {
  const bodies = mutated(replies.map(({ body }) => body));
  const lengths = fc.oneof(
    fc.constantFrom(...replies.map(({ headerLength }) => String(headerLength))),
    fc.constantFrom(null, '', '-1', '1e3', '0x10', '999999999', 'NaN'),
    fc.nat({ max: 1000 }).map(String),
  );
  await fuzz(fc.tuple(lengths, bodies), ([length, body]) => reads(length, body));
});

test('any JSON in the place of a reply is read or refused as DEPENDENCY_DOWN', async () => {
  const known = JSON.parse(Buffer.from(replies[1]!.body.subarray(0, replies[1]!.headerLength)).toString());
  const member = fc.constantFrom(...Object.keys(known), '__proto__', 'constructor');
  const json = fc.oneof(
    fc.jsonValue(),
    fc.tuple(member, fc.jsonValue()).map(([name, value]) => ({ ...known, [name]: value })),
  );
  await fuzz(json, async value => {
    const body = Buffer.from(JSON.stringify(value));
    await reads(String(body.length), Buffer.concat([body, new Uint8Array(3 * size * size)]));
  });
});
