import { z } from 'zod';
import { identityIdPattern } from '../core/identity-id.ts';

/** A person's id in JSON: the type is kept, 2576 and "2576" are two people. */
export const identityIdSchema = z
  .union([z.int().min(0), z.string().regex(identityIdPattern)], {
    error: 'expected an integer from 0 to 2^53 - 1, or a string of 1 to 128 characters of [A-Za-z0-9._:-]',
  })
  .describe('Keeps its type: 2576 and "2576" are two people.');

/** `/identities/:id`: digits mean the integer unless `?type=string`. */
export const identityPathSchema = z.object({
  id: z
    .string()
    .regex(identityIdPattern, 'expected an integer or 1 to 128 characters of [A-Za-z0-9._:-]')
    .describe('Digits mean the integer, unless `type` says otherwise.'),
});
export const identityPathQuerySchema = z.strictObject({ type: z.enum(['integer', 'string']).optional() });

export const modelSchema = z.object({ name: z.string(), version: z.string(), fingerprint: z.string() });

export const imageSizeSchema = z
  .object({ width: z.int(), height: z.int() })
  .describe("The upright photo's size in pixels.");

export const scoreSchema = z.number().min(-1).max(1);
export const probabilitySchema = z.number().min(0).max(1);

/** A switch in a query string. */
export const querySwitch = z.enum(['true', 'false']);

export const decisionSchema = z
  .enum(['match', 'unknown', 'ambiguous'])
  .describe('`ambiguous` is not answered yet. Further values may come: treat what you do not know as `unknown`.');

export const confidenceSchema = probabilitySchema
  .nullable()
  .describe('Probability that it is the same person, at equal odds; null where nothing was measured.');
