import { z } from 'zod';
import { distanceOfCosine } from '../core/similarity.ts';
import { isStruck } from '../core/strike-rejected.ts';
import type { IdentifiedFace } from '../identify.ts';
import { embeddingSchema, toEmbedding } from './face-place.ts';
import { identityIdSchema, scoreSchema } from './schemas.ts';

const ids = z.array(identityIdSchema);

/** `/infer?format=arrays`: one entry per face in each list, the nearest identity whoever that is. All are empty where nobody is enrolled. */
export const faceArraysSchema = z.object({
  cos_id: ids.describe('The nearest identity of each face, however far.'),
  cos_conf: z.array(scoreSchema).describe('Its cosine.'),
  euc_id: ids.describe('The same identities: unit vectors are as near by distance as they are by cosine.'),
  euc_conf: z.array(z.number().min(0).max(1)).describe('1 / (1 + Euclidean distance).'),
  bb: z.array(z.tuple([z.int(), z.int(), z.int(), z.int()])).describe('x1, y1, x2, y2 in whole pixels.'),
  emb: z.array(embeddingSchema).optional().describe('Absent with `embeddings=false`.'),
});

export function toFaceArrays(
  faces: readonly IdentifiedFace[],
  threshold: number,
  withEmbeddings: boolean,
): z.input<typeof faceArraysSchema> {
  const known = faces.flatMap(({ face, embedding, candidates = [] }) => {
    const nearest = candidates.find(candidate => !isStruck(candidate, threshold));
    return nearest ? [{ face, embedding, nearest }] : [];
  });
  const nearestIds = known.map(({ nearest }) => nearest.id);
  return {
    cos_id: nearestIds,
    cos_conf: known.map(({ nearest }) => nearest.score),
    euc_id: nearestIds,
    euc_conf: known.map(({ nearest }) => 1 / (1 + distanceOfCosine(nearest.score))),
    bb: known.map(({ face: { box } }) => [whole(box[0]), whole(box[1]), whole(box[2]), whole(box[3])]),
    ...(withEmbeddings && { emb: known.map(({ embedding }) => toEmbedding(embedding)) }),
  };
}

/** Never −0, which is no integer to the schema's eye and a surprise to anyone's. */
const whole = (value: number): number => Math.round(value) + 0;
