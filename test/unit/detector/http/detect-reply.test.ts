import { describe, expect, test } from 'vitest';
import type { FoundFaces } from '../../../../detector/face-finder.ts';
import {
  decodeDetectReply,
  encodeBinaryDetectReply,
  encodeDetectReply,
  headerLengthName,
  maxDetectReplyBytes,
} from '../../../../detector/http/detect-reply.ts';
import { face } from '../sample-face.ts';

const size = 4;
const limits = { maxFaces: 3, cropSize: size };
const found: FoundFaces = {
  image: { width: 640, height: 480 },
  detector: 'mtcnn',
  faces: [face([100, 100, 200, 220], 0.999), face([10, -5, 50, 50], 0.8)],
  crops: Uint8Array.from({ length: 2 * 3 * size * size }, (_, i) => i),
};

const headersOf = (length: number | string | null) => ({
  get: (name: string) => (name === headerLengthName && length !== null ? String(length) : null),
});

type Header = ReturnType<typeof encodeDetectReply> & { outputs: unknown[] };

/** The valid reply with its JSON changed by `change`, and optionally other bytes behind it. */
function altered(change: (header: Header) => unknown, crops: Uint8Array = found.crops!): () => FoundFaces {
  const { headerLength, body } = encodeBinaryDetectReply(found, size);
  const header: Header = JSON.parse(body.subarray(0, headerLength).toString());
  const json = Buffer.from(JSON.stringify(change(header)));
  return () => decodeDetectReply(headersOf(json.length), Buffer.concat([json, crops]), limits);
}

test('the JSON has the documented names', () => {
  const reply = encodeDetectReply({ ...found, faces: [face([1, 2, 3.00049, 4], 0.12345678)] });
  expect(reply).toEqual({
    image: { width: 640, height: 480 },
    detector: 'mtcnn',
    faces: [
      {
        bounding_box: [1, 2, 3, 4],
        detection_confidence: 0.123457,
        landmarks: [
          [1.6, 2.8],
          [2.4, 2.8],
          [2, 3.2],
          [1.7, 3.6],
          [2.3, 3.6],
        ],
      },
    ],
  });
});

test('what was encoded is decoded: faces, image, crops in order', () => {
  const { headerLength, body } = encodeBinaryDetectReply(found, size);
  const decoded = decodeDetectReply(headersOf(headerLength), body, limits);
  expect({ ...decoded, crops: [...decoded.crops!] }).toEqual({ ...found, crops: [...found.crops!] });
});

test('members of a later version are dropped', () => {
  const decoded = altered(header => ({ ...header, faces: header.faces.map(f => ({ ...f, age: 30 })), took_ms: 5 }))();
  expect(decoded.faces).toEqual(found.faces);
  expect(Object.keys(decoded)).toEqual(['image', 'detector', 'faces', 'crops']);
});

test('no face gives an empty tensor; no crop asked for gives no output', () => {
  const none = { ...found, faces: [], crops: new Uint8Array(0) };
  const encoded = encodeBinaryDetectReply(none, size);
  const decoded = decodeDetectReply(headersOf(encoded.headerLength), encoded.body, limits);
  expect([decoded.faces.length, decoded.crops?.length]).toEqual([0, 0]);
  const plain = encodeBinaryDetectReply({ ...found, crops: null }, null);
  const boxes = decodeDetectReply(headersOf(plain.headerLength), plain.body, { ...limits, cropSize: null });
  expect([boxes.faces.length, boxes.crops]).toEqual([2, null]);
});

test('a reply at the limit of faces fits into the bytes that a client reads', () => {
  const faces = Array.from({ length: 50 }, () => face([-123456.789, -123456.789, 123456.789, 123456.789], 0.999999));
  const crops = new Uint8Array(50 * 3 * size * size);
  const { body } = encodeBinaryDetectReply({ ...found, faces, crops }, size);
  expect(body.length).toBeLessThanOrEqual(maxDetectReplyBytes({ maxFaces: 50, cropSize: size }));
});

describe('a hostile reply is DEPENDENCY_DOWN', () => {
  const { headerLength, body } = encodeBinaryDetectReply(found, size);
  const firstFace = (change: object) => (header: Header) => ({
    ...header,
    faces: [{ ...header.faces[0], ...change }, header.faces[1]],
  });
  const outputs = (change: object) => (header: Header) => ({
    ...header,
    outputs: [{ ...(header.outputs[0] as object), ...change }],
  });

  const withText = (from: string, to: string) => {
    const json = Buffer.from(body.subarray(0, headerLength).toString().replace(from, to));
    return () => decodeDetectReply(headersOf(json.length), Buffer.concat([json, found.crops!]), limits);
  };

  test.each([
    ['no length header', () => decodeDetectReply(headersOf(null), body, limits)],
    ['a length beyond the body', () => decodeDetectReply(headersOf(body.length + 1), body, limits)],
    ['a negative length', () => decodeDetectReply(headersOf(-1), body, limits)],
    ['a length that is no number', () => decodeDetectReply(headersOf('1e3'), body, limits)],
    ['a length that cuts the JSON', () => decodeDetectReply(headersOf(headerLength - 1), body, limits)],
    ['no JSON', () => decodeDetectReply(headersOf(3), Buffer.from('{{{'), limits)],
    ['broken UTF-8', () => decodeDetectReply(headersOf(3), Uint8Array.of(0x22, 0xff, 0x22), limits)],
    ['more faces than believed', () => decodeDetectReply(headersOf(headerLength), body, { ...limits, maxFaces: 1 })],
    [
      'crops that were not asked for',
      () => decodeDetectReply(headersOf(headerLength), body, { ...limits, cropSize: null }),
    ],
    ['crops of another size', () => decodeDetectReply(headersOf(headerLength), body, { ...limits, cropSize: 5 })],
    ['missing crops', altered(header => ({ ...header, outputs: [] }), new Uint8Array(0))],
    ['one byte too few', altered(header => header, found.crops!.subarray(1))],
    ['one byte too many', altered(header => header, new Uint8Array(found.crops!.length + 1))],
    ['a size that lies', altered(outputs({ parameters: { binary_data_size: 1 } }))],
    ['a shape of another count', altered(outputs({ shape: [3, 3, size, size] }))],
    ['a negative shape', altered(outputs({ shape: [-2, 3, -size, size] }))],
    ['floats for crops', altered(outputs({ datatype: 'FP32' }))],
    ['an output of another name', altered(outputs({ name: 'embeddings' }))],
    ['a number that is infinite', withText('200,', '1e400,')],
    ['a box inside out', altered(firstFace({ bounding_box: [200, 100, 100, 220] }))],
    ['a confidence above 1', altered(firstFace({ detection_confidence: 1.5 }))],
    [
      'four landmarks',
      altered(
        firstFace({
          landmarks: [
            [1, 1],
            [1, 1],
            [1, 1],
            [1, 1],
          ],
        }),
      ),
    ],
    ['faces that are not sorted', altered(header => ({ ...header, faces: header.faces.toReversed() }))],
    ['an image without width', altered(header => ({ ...header, image: { width: 0, height: 480 } }))],
    ['a detector with markup', altered(header => ({ ...header, detector: '<b>' }))],
    ['null', altered(() => null)],
  ])('%s', (_name, decode) => {
    expect(decode).toThrow(expect.objectContaining({ code: 'DEPENDENCY_DOWN' }));
  });
});
