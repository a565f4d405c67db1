import { z } from 'zod';
import { imageJsonSchema } from '../../detector/http/image-body.ts';
import { imageErrors, imageRequest } from '../../detector/http/openapi/image-request.ts';
import { jsonSchemaOf } from '../../detector/http/openapi/json-schema-of.ts';
import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { givenEmbeddingsShape } from '../routes/given-embeddings.ts';
import { identityErrors, unwantedBody } from './common-errors.ts';
import { teachingExamples as examples } from './teaching-examples.ts';

const json = {
  schema: jsonSchemaOf(z.union([imageJsonSchema, z.object(givenEmbeddingsShape)])),
  examples: { ...imageRequest['application/json']?.examples, embeddings: examples.rejectEmbeddings },
};

/** The routes over faces that are not an identity. */
export const rejectionDocs = {
  reject: {
    operationId: 'reject',
    summary: 'Say that a face is not this identity',
    description:
      'The largest face of a photo, or embeddings as `/embeddings` gives them. From here on `/infer` passes over the identity for faces ' +
      'that are nearer to this one than to the identity, and names the next that fits, or nobody.',
    request: { ...imageRequest, 'application/json': json },
    replies: {
      200: { description: 'Remembered.', content: { 'application/json': { examples: examples.rejected } } },
    },
    errors: [...imageErrors, 'NO_FACE', 'MODEL_MISMATCH', 'ENROLLED_FACE', 'IDENTITY_FULL', ...identityErrors],
  },
  listRejections: {
    operationId: 'listRejections',
    summary: 'The faces that are not this identity',
    replies: {
      200: {
        description: 'Without their vectors.',
        content: { 'application/json': { examples: examples.rejections } },
      },
    },
    errors: identityErrors,
  },
  deleteRejection: {
    operationId: 'deleteRejection',
    summary: 'Forget that a face is not this identity',
    replies: {
      200: { description: 'Erased.', content: { 'application/json': { examples: examples.deletedRejection } } },
    },
    errors: ['REJECTION_NOT_FOUND', ...identityErrors, ...unwantedBody],
  },
} satisfies Record<string, RouteDoc>;
