import { z } from 'zod';
import { boxArea } from '../core/box.ts';
import { ServiceError } from '../errors.ts';
import type { FoundFaces } from '../face-finder.ts';

/** Where the JSON ends and the crops begin: Triton's binary-data extension. */
export const headerLengthName = 'inference-header-content-length';

/** No photo of 50 megapixels is longer; a face may reach outside by its own size. */
const maxCoordinate = 200_000_000;

const coordinate = z.number().min(-maxCoordinate).max(maxCoordinate);
const point = z.tuple([coordinate, coordinate]);
const side = z.int().min(1).max(100_000_000);

const faceSchema = z.object({
  bounding_box: z
    .tuple([coordinate, coordinate, coordinate, coordinate])
    .refine(([x1, y1, x2, y2]) => x2 > x1 && y2 > y1, 'expected x2 > x1 and y2 > y1'),
  detection_confidence: z.number().min(0).max(1),
  landmarks: z.tuple([point, point, point, point, point]),
});

/** The JSON of `POST /detect`. Members that are not known are dropped: later versions may send more. */
export const detectReplySchema = z.object({
  image: z.object({ width: side, height: side }),
  detector: z.string().regex(/^[a-z0-9_]{1,64}$/),
  faces: z.array(faceSchema),
});

export type DetectReply = z.infer<typeof detectReplySchema>;

const binaryReplySchema = detectReplySchema.extend({
  outputs: z
    .array(
      z.object({
        name: z.literal('crops'),
        datatype: z.literal('UINT8'),
        shape: z.tuple([z.int(), z.literal(3), z.int(), z.int()]),
        parameters: z.object({ binary_data_size: z.int().min(0) }),
      }),
    )
    .max(1),
});

/** What the detector found as its JSON: coordinates to a thousandth of a pixel, confidence to a millionth. */
export function encodeDetectReply(found: FoundFaces): DetectReply {
  const thousandth = (value: number) => Math.round(value * 1000) / 1000;
  return {
    image: found.image,
    detector: found.detector,
    faces: found.faces.map(({ box: [x1, y1, x2, y2], confidence, landmarks: [a, b, c, d, e] }) => {
      const place = ([x, y]: readonly [number, number]): [number, number] => [thousandth(x), thousandth(y)];
      return {
        bounding_box: [thousandth(x1), thousandth(y1), thousandth(x2), thousandth(y2)],
        detection_confidence: Math.round(confidence * 1e6) / 1e6,
        landmarks: [place(a), place(b), place(c), place(d), place(e)],
      };
    }),
  };
}

/** The same with the crops behind it: `headerLength` bytes of JSON, then UINT8 [n, 3, s, s]. Without crops `outputs` is empty. */
export function encodeBinaryDetectReply(
  found: FoundFaces,
  cropSize: number | null,
): { readonly headerLength: number; readonly body: Buffer } {
  const crops = found.crops;
  const outputs =
    crops === null || cropSize === null
      ? []
      : [
          {
            name: 'crops',
            datatype: 'UINT8',
            shape: [found.faces.length, 3, cropSize, cropSize],
            parameters: { binary_data_size: crops.byteLength },
          },
        ];
  const header = Buffer.from(JSON.stringify({ ...encodeDetectReply(found), outputs }));
  return { headerLength: header.length, body: Buffer.concat(crops === null ? [header] : [header, crops]) };
}

export type DetectReplyLimits = {
  /** Most faces that are believed. */
  readonly maxFaces: number;
  /** Side of the crops that were asked for; null: none were. */
  readonly cropSize: number | null;
};

/** JSON that one face takes, generously: 15 numbers with their names. */
const faceJsonBytes = 2048;
const baseJsonBytes = 4096;

/** Longest reply within the limits: what a client need read before it gives up. */
export function maxDetectReplyBytes({ maxFaces, cropSize }: DetectReplyLimits): number {
  return baseJsonBytes + maxFaces * (faceJsonBytes + 3 * (cropSize ?? 0) ** 2);
}

/**
 * A binary reply as found faces, every byte distrusted: lengths, counts, shapes, number ranges and order are checked before
 * anything is used. `crops` is a view into `body`. Throws DEPENDENCY_DOWN and nothing else.
 */
export function decodeDetectReply(
  headers: { get(name: string): string | null },
  body: Uint8Array,
  limits: DetectReplyLimits,
): FoundFaces {
  const headerLength = readHeaderLength(headers.get(headerLengthName), body, limits);
  const reply = readJson(body.subarray(0, headerLength));
  const faces = reply.faces.map(face => ({
    box: face.bounding_box,
    confidence: face.detection_confidence,
    landmarks: face.landmarks,
  }));
  if (faces.length > limits.maxFaces) throw broken(`at most ${limits.maxFaces} faces, got ${faces.length}`);
  // Half a pixel of slack a side: areas that differ by rounding may have changed places.
  const sorted = faces.every((face, i) => i === 0 || boxArea(face.box) <= boxArea(faces[i - 1]!.box) * 1.001 + 1);
  if (!sorted) throw broken('the largest face first');
  const crops = readCrops(reply.outputs[0], body.subarray(headerLength), faces.length, limits.cropSize);
  return { image: reply.image, detector: reply.detector, faces, crops };
}

function readHeaderLength(text: string | null, body: Uint8Array, { maxFaces }: DetectReplyLimits): number {
  const length = text !== null && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(length <= body.byteLength && length <= baseJsonBytes + maxFaces * faceJsonBytes)) {
    throw broken(`a header ${headerLengthName} within the body, got ${text === null ? 'none' : 'another'}`);
  }
  return length;
}

function readJson(bytes: Uint8Array): z.infer<typeof binaryReplySchema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw broken('JSON', error);
  }
  const parsed = binaryReplySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw broken(`another ${first?.path.join('.')}: ${first?.message}`, parsed.error);
}

function readCrops(
  output: z.infer<typeof binaryReplySchema>['outputs'][number] | undefined,
  bytes: Uint8Array,
  faceCount: number,
  cropSize: number | null,
): Uint8Array | null {
  if (cropSize === null) {
    if (output !== undefined || bytes.byteLength > 0) throw broken('no crops, got some');
    return null;
  }
  const shape = [faceCount, 3, cropSize, cropSize];
  if (output === undefined) throw broken(`crops [${shape}], got none`);
  if (output.shape.join() !== shape.join()) throw broken(`crops [${shape}], got [${output.shape}]`);
  const size = faceCount * 3 * cropSize * cropSize;
  if (output.parameters.binary_data_size !== size || bytes.byteLength !== size) {
    throw broken(`${size} bytes of crops, got ${bytes.byteLength}`);
  }
  return bytes;
}

function broken(expected: string, cause?: unknown): ServiceError {
  return new ServiceError('DEPENDENCY_DOWN', `The detector's reply: expected ${expected}`, { cause });
}
