import { z } from 'zod';
import { maxPurposeLength } from '../core/consent.ts';
import { fieldLimits, metadataKeyPattern } from '../core/identity-fields.ts';
import { identityIdPattern, maxIdLength, stringIdWords } from '../core/identity-id.ts';
import { defaultGallery, galleryNamePattern } from '../store/store.ts';

/** A person's id in JSON: the type is kept, 2576 and "2576" are two people. */
export const identityIdSchema = z
  .union([z.int().min(0), z.string().max(maxIdLength).regex(identityIdPattern)], {
    error: `expected an integer from 0 to 2^53 - 1, or a string of ${stringIdWords}`,
  })
  .describe('Keeps its type: 2576 and "2576" are two people.');

/** What a path may name. */
export const pathIdExpected = `expected an integer or ${stringIdWords}`;

/** `/identities/:id`: digits mean the integer unless `?type=string`. */
export const identityPathSchema = z.object({
  id: z
    .string()
    .max(maxIdLength, pathIdExpected)
    .regex(identityIdPattern, pathIdExpected)
    .describe('Digits mean the integer, unless `type` says otherwise.'),
});
export const galleryNameSchema = z
  .string()
  .regex(galleryNamePattern, 'expected 1 to 64 characters of [a-z0-9_-], a letter or digit first')
  .meta({ examples: [defaultGallery] });

/** `?gallery=`: nothing that is asked of one gallery reaches another. */
export const galleryQueryShape = {
  gallery: galleryNameSchema.default(defaultGallery).describe('The gallery that is meant.'),
};

export const identityPathQuerySchema = z.strictObject({
  type: z.enum(['integer', 'string']).optional().describe('What the id in the path is.'),
  ...galleryQueryShape,
});

/** `confirm` of what erases more than one person. */
export const confirmSchema = z
  .string()
  .optional()
  .meta({ description: '`all`, or nothing is done.', examples: ['all'] });

export const nameSchema = z.string().min(1).max(fieldLimits.nameLength);
const metadataKeySchema = z
  .string()
  .regex(metadataKeyPattern, 'expected 1 to 64 characters of [A-Za-z0-9._-], a letter or digit first');
const metadataValueSchema = z.union([z.string().max(fieldLimits.textLength), z.number(), z.boolean()]);
const entriesBound = { maxProperties: fieldLimits.metadataEntries };

/** What a client may know of an identity besides its templates. */
export const metadataSchema = z.record(metadataKeySchema, metadataValueSchema).meta(entriesBound);

/** What a person has agreed to. It comes whole, or not at all. */
export const consentSchema = z.strictObject({
  purpose: z
    .string()
    .min(1)
    .max(maxPurposeLength)
    .describe('What for, in words.')
    .meta({ examples: ['door of house 3'] }),
  given: z.iso.datetime().describe('When it was given: RFC 3339, UTC.'),
  expires: z.iso
    .datetime()
    .nullable()
    .describe('From then on nobody is recognised as this person. null: it holds until it is withdrawn.'),
});

/** A change to name, metadata and consent, as JSON Merge Patch (RFC 7396) has it. */
export const fieldsPatchShape = {
  name: nameSchema.nullable().optional().describe('null clears it.'),
  metadata: z
    .record(metadataKeySchema, metadataValueSchema.nullable())
    .nullable()
    .optional()
    .describe('Entries are added or replaced, those that are null go; null clears all.'),
  consent: consentSchema
    .nullable()
    .optional()
    .describe('Replaces the one that there is. To withdraw one set its `expires`; null removes the record of it.'),
};

export const identitySchema = z.object({
  id: identityIdSchema,
  name: nameSchema.nullable(),
  metadata: metadataSchema,
  consent: consentSchema.nullable().describe('null: none was written down.'),
  templates: z.int().describe('How many.'),
  created: z.string().describe('ISO 8601, UTC.'),
  updated: z.string(),
  seen: z
    .string()
    .nullable()
    .describe('Day on which a photo last showed this person. null: none, or `retention.unseen_days` is not set.'),
});

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
  .describe(
    '`ambiguous`: the nearest identity reaches the threshold, and another one is too near to it to tell which it is. Further values ' +
      'may come: treat what you do not know as `unknown`.',
  );

export const confidenceSchema = probabilitySchema
  .nullable()
  .describe('Probability that it is the same person, at equal odds; null where nothing was measured.');
