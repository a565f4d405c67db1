import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { galleryErrors, identityErrors, unwantedBody } from './common-errors.ts';
import { galleryExamples as examples } from './gallery-examples.ts';

/** The routes over who is enrolled. */
export const identityDocs = {
  listIdentities: {
    operationId: 'listIdentities',
    summary: 'Who is enrolled',
    description:
      'A page at a time: integers first, then strings. `next` of a page is `after` of the following one. `metadata.KEY=VALUE` (any ' +
      'number of them) keeps those with these entries; values are compared as text.',
    replies: { 200: { description: 'A page.', content: { 'application/json': { examples: examples.identities } } } },
    errors: galleryErrors,
  },
  getIdentity: {
    operationId: 'getIdentity',
    summary: 'Look up an identity, with its templates',
    replies: {
      200: {
        description: 'The identity.',
        content: { 'application/json': { examples: examples.identityWithTemplates } },
      },
    },
    errors: identityErrors,
  },
  putIdentity: {
    operationId: 'putIdentity',
    summary: 'Make an identity from embeddings',
    description:
      'Without any image: templates, name, metadata and consent are afterwards as given, whatever the id had before. Embeddings of another ' +
      'model than the gallery’s are refused.',
    request: { 'application/json': { examples: examples.putIdentity } },
    replies: {
      200: { description: 'The identity.', content: { 'application/json': { examples: examples.identity } } },
    },
    errors: ['NOT_FOUND', 'MODEL_MISMATCH', 'CONSENT_REQUIRED', 'OVERLOADED', ...galleryErrors, ...unwantedBody],
  },
  patchIdentity: {
    operationId: 'patchIdentity',
    summary: 'Change name, metadata and consent',
    description: 'What is absent stays (JSON Merge Patch, RFC 7396).',
    request: { 'application/json': { examples: examples.patchIdentity } },
    replies: {
      200: { description: 'The identity.', content: { 'application/json': { examples: examples.identity } } },
    },
    errors: ['CONSENT_REQUIRED', ...identityErrors, ...unwantedBody],
  },
  mergeIdentity: {
    operationId: 'mergeIdentity',
    summary: 'Merge another identity into this one',
    description: "All of its templates become this one's; the other goes with its name, metadata and consent.",
    request: { 'application/json': { examples: examples.merge } },
    replies: {
      200: { description: 'The merged identity.', content: { 'application/json': { examples: examples.identity } } },
    },
    errors: ['IDENTITY_FULL', 'CONSENT_REQUIRED', ...identityErrors, ...unwantedBody],
  },
  deleteIdentity: {
    operationId: 'deleteIdentity',
    summary: 'Erase an identity',
    description: 'Answered once nothing of it can be found, with a receipt that names nobody.',
    replies: {
      200: { description: 'Erased.', content: { 'application/json': { examples: examples.deletedIdentity } } },
    },
    errors: [...identityErrors, ...unwantedBody],
  },
  deleteIdentities: {
    operationId: 'deleteIdentities',
    summary: 'Erase everybody in a gallery',
    replies: {
      200: { description: 'Erased.', content: { 'application/json': { examples: examples.deletedIdentities } } },
    },
    errors: ['CONFIRMATION_REQUIRED', ...galleryErrors, ...unwantedBody],
  },
} satisfies Record<string, RouteDoc>;
