import { imageErrors, imageRequest } from '../../detector/http/openapi/image-request.ts';
import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { examples } from './examples.ts';

/** The routes that look at photos. */
export const photoDocs = {
  infer: {
    operationId: 'infer',
    summary: 'Who is in a photo',
    description: 'Every face, largest first, with the identity that it matches or the answer that it is nobody known.',
    request: imageRequest,
    replies: { 200: { description: 'The faces.', content: { 'application/json': { examples: examples.infer } } } },
    errors: [...imageErrors, 'MODEL_MISMATCH', 'GALLERY_NOT_FOUND', 'STORAGE_FAILED'],
  },
  embeddings: {
    operationId: 'embeddings',
    summary: 'The faces of a photo as unit vectors',
    description: 'Nobody is looked up and nothing is kept.',
    request: imageRequest,
    replies: { 200: { description: 'The faces.', content: { 'application/json': { examples: examples.embeddings } } } },
    errors: imageErrors,
  },
  verify: {
    operationId: 'verify',
    summary: 'Whether two photos show the same person',
    description:
      'Compares the largest face of each. `decision` is `match`, or `unknown` where the score is below the threshold.',
    request: { 'application/json': { examples: examples.verifyRequest } },
    replies: { 200: { description: 'The verdict.', content: { 'application/json': { examples: examples.verify } } } },
    errors: [...imageErrors, 'NO_FACE'],
  },
  generate: {
    operationId: 'generate',
    summary: 'Enrol a person',
    description:
      'One template per usable image, from its largest face. Images that cannot be used are left out and named in `refused`; those that ' +
      'fall short of `quality.thresholds` are named in `warnings`, or refused with them, as `quality.gate` and `gate` say.',
    request: { 'application/json': { examples: examples.generateRequest } },
    replies: { 200: { description: 'Enrolled.', content: { 'application/json': { examples: examples.generate } } } },
    errors: [
      'TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'NO_FACE_ENROLLED',
      'MODEL_MISMATCH',
      'IDENTITY_FULL',
      'CONSENT_REQUIRED',
      'GALLERY_NOT_FOUND',
      'OVERLOADED',
      'DEPENDENCY_DOWN',
      'STORAGE_FAILED',
      'DEADLINE',
    ],
  },
} satisfies Record<string, RouteDoc>;
