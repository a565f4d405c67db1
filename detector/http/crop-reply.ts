import { z } from 'zod';
import { type CropName, cropSpecs } from '../../triton/core/crop-spec.ts';
import type { FoundFaces } from '../face-finder.ts';

/** facenet-pytorch's crop with its defaults: image_size 160, margin 0. */
export const classicCrop: CropName = 'box_160';

const size = cropSpecs[classicCrop].size;

/** What is less probable than this is left out. */
const leastProbability = 0.9;

const plane = z.array(z.array(z.number()).length(size)).length(size);

/** The JSON of `POST /crop`: three lists of one entry per face, largest first. */
export const cropReplySchema = z.object({
  img: z.array(z.array(plane).length(3)).describe(`[N][3][${size}][${size}]: red, green, blue; (value - 127.5) / 128.`),
  prob: z.array(z.number().min(0.9).max(1)),
  box: z
    .array(z.tuple([z.number(), z.number(), z.number(), z.number()]))
    .describe("x1, y1, x2, y2 in the upright photo's pixels."),
});

/** Every value that a pixel can have as its JSON number: 76,800 of them a face are not formatted one by one. */
const numbers = Array.from({ length: 256 }, (_, value) => String((value - 127.5) / 128));

/**
 * The reply of `POST /crop` in pieces of one face (800 KB), so that a crowd is never in memory as text.
 * @param found with crops of `classicCrop`
 */
export function* encodeCropReply({ faces, crops }: FoundFaces): Generator<string> {
  const length = 3 * size * size;
  const kept = faces.flatMap((face, i) => (face.confidence >= leastProbability ? [{ face, at: i * length }] : []));
  yield '{"img":[';
  for (const [i, { at }] of kept.entries()) {
    if (crops !== null) yield `${i === 0 ? '' : ','}${planesJson(crops.subarray(at, at + length))}`;
  }
  const prob = kept.map(({ face }) => face.confidence);
  const box = kept.map(({ face }) => face.box);
  yield `],"prob":${JSON.stringify(prob)},"box":${JSON.stringify(box)}}`;
}

function planesJson(crop: Uint8Array): string {
  const planes = Array.from({ length: 3 }, (_, p) => {
    const rows = Array.from({ length: size }, (_, y) => {
      const start = (p * size + y) * size;
      return `[${Array.from(crop.subarray(start, start + size), value => numbers[value]).join()}]`;
    });
    return `[${rows.join()}]`;
  });
  return `[${planes.join()}]`;
}
