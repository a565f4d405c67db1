import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { galleryErrors, unwantedBody } from './common-errors.ts';
import { teachingExamples as examples } from './teaching-examples.ts';

/** The routes over identities that may be one person. */
export const duplicateDocs = {
  listDuplicates: {
    operationId: 'listDuplicates',
    summary: 'Identities that may be one person',
    description:
      'Walks the identities in their order, about two seconds a page, and compares their person vectors. What has been dismissed is left ' +
      'out. To make two of them one: `POST /identities/{id}/merge`.',
    replies: { 200: { description: 'A page.', content: { 'application/json': { examples: examples.duplicates } } } },
    errors: ['MODEL_MISMATCH', 'OVERLOADED', 'DEADLINE', ...galleryErrors],
  },
  dismissDuplicate: {
    operationId: 'dismissDuplicate',
    summary: 'Remember that two identities are two people',
    description: 'The pair is listed no more. The same again changes nothing.',
    request: { 'application/json': { examples: examples.pair } },
    replies: { 200: { description: 'Remembered.', content: { 'application/json': { examples: examples.dismissed } } } },
    errors: ['UNKNOWN_ID', 'IDENTITY_FULL', ...galleryErrors, ...unwantedBody],
  },
  restoreDuplicate: {
    operationId: 'restoreDuplicate',
    summary: 'Let two identities be listed again',
    description: 'Takes back what `/duplicates/dismiss` remembers.',
    request: { 'application/json': { examples: examples.pair } },
    replies: { 200: { description: 'Forgotten.', content: { 'application/json': { examples: examples.restored } } } },
    errors: ['UNKNOWN_ID', ...galleryErrors, ...unwantedBody],
  },
} satisfies Record<string, RouteDoc>;
