import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ServiceError } from '../../detector/errors.ts';
import { invalidRequest } from '../../detector/http/problem-json.ts';
import { norm } from '../core/similarity.ts';
import { vectorsMismatch } from '../store/gallery-rules.ts';
import type { Gallery, GalleryModel, NewTemplate } from '../store/store.ts';

/** Vectors in a body, and where they come from. */
export const givenEmbeddingsShape = {
  embeddings: z
    .array(z.array(z.number()).min(1).max(4096))
    .min(1)
    .max(1000)
    .describe('One template each, as `/embeddings` gives them; of any length but 0.'),
  fingerprint: z.string().min(1).max(256).describe('`model.fingerprint` of the reply that they came with.'),
  detector: z.string().max(64).default('').describe('`detector` of that reply.'),
};

export type GivenEmbeddings = {
  readonly embeddings: readonly (readonly number[])[];
  readonly fingerprint: string;
  readonly detector: string;
};

/**
 * Why a gallery takes no vectors of another model than the service's.
 * Rejects with GALLERY_NOT_FOUND where it is not there.
 */
export async function embeddingsMismatch(
  gallery: Pick<Gallery, 'describe'>,
  own: GalleryModel,
  fingerprint: string,
): Promise<ServiceError> {
  const { model, templates } = await gallery.describe();
  // An empty gallery takes the service's model.
  return vectorsMismatch(templates > 0 ? model : own, own, fingerprint);
}

/**
 * Templates of the given vectors, made to length 1. There is no image to have a sum of, so that of the vector stands in its place.
 * Which length those of another model than `model` have, only their gallery knows.
 * @throws ServiceError INVALID_REQUEST for a vector of another length than the model's, or without a direction
 */
export function toNewTemplates(
  { embeddings, fingerprint, detector }: GivenEmbeddings,
  model: Pick<GalleryModel, 'fingerprint' | 'dimension'>,
): NewTemplate[] {
  if (fingerprint === model.fingerprint) expectLengths(embeddings, model.dimension);
  return embeddings.map((values, index) => {
    const vector = toUnitVector(values, index);
    const sourceSha256 = createHash('sha256').update(new Uint8Array(vector.buffer)).digest('hex');
    return { vector, sourceSha256, detector };
  });
}

function expectLengths(embeddings: readonly (readonly number[])[], dimension: number): void {
  const issues = embeddings.flatMap(({ length }, index) =>
    length === dimension
      ? []
      : [{ path: `body.embeddings.${index}`, message: `expected ${dimension} values, got ${length}` }],
  );
  if (issues.length > 0) throw invalidRequest(issues);
}

function toUnitVector(values: readonly number[], index: number): Float32Array {
  const length = norm(Float64Array.from(values));
  if (length > 0 && length < Number.POSITIVE_INFINITY) return Float32Array.from(values, value => value / length);
  throw invalidRequest([{ path: `body.embeddings.${index}`, message: 'expected a vector with a direction' }]);
}
