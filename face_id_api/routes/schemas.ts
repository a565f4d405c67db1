import { z } from 'zod';
import { identityIdPattern } from '../core/identity-id.ts';

/** A person's id in JSON: the type is kept, 2576 and "2576" are two people. */
export const identityIdSchema = z.union([z.int().min(0), z.string().regex(identityIdPattern)], {
  error: 'expected an integer from 0 to 2^53 - 1, or a string of 1 to 128 characters of [A-Za-z0-9._:-]',
});

/** A number in a query string; an empty one is no zero. */
export function queryNumber<T extends z.ZodType>(schema: T) {
  return z.preprocess(value => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value), schema);
}

/** `/identities/:id`: digits mean the integer unless `?type=string`. */
export const identityPathSchema = z.object({ id: z.string().min(1) });
export const identityPathQuerySchema = z.strictObject({ type: z.enum(['integer', 'string']).optional() });

const coordinate = z.number();
/** Corners in the upright photo's pixels. */
export const boundingBoxSchema = z.tuple([coordinate, coordinate, coordinate, coordinate]);
const point = z.tuple([coordinate, coordinate]);
/** Eye with the smaller x, other eye, nose, mouth corner with the smaller x, other corner. */
export const landmarksSchema = z.tuple([point, point, point, point, point]);
export const modelSchema = z.object({ name: z.string(), version: z.string(), fingerprint: z.string() });
