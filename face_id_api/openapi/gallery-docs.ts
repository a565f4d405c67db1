import type { ErrorCode } from '../../detector/errors.ts';
import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { examples } from './examples.ts';

/** A body that nobody asked for is still read. */
const unwantedBody: readonly ErrorCode[] = ['TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

/** The routes over who is enrolled, and those about the service itself. */
export const galleryDocs = {
  listIdentities: {
    operationId: 'listIdentities',
    summary: 'Who is enrolled',
    description: 'A page at a time: integers first, then strings. `next` of a page is `after` of the following one.',
    replies: { 200: { description: 'A page.', content: { 'application/json': { examples: examples.identities } } } },
    errors: ['STORAGE_FAILED'],
  },
  getIdentity: {
    operationId: 'getIdentity',
    summary: 'Look up an identity',
    replies: {
      200: { description: 'The identity.', content: { 'application/json': { examples: examples.identity } } },
    },
    errors: ['UNKNOWN_ID', 'NOT_FOUND', 'STORAGE_FAILED'],
  },
  deleteIdentity: {
    operationId: 'deleteIdentity',
    summary: 'Erase an identity',
    replies: { 200: { description: 'Erased.', content: { 'application/json': { examples: examples.deleted } } } },
    errors: ['UNKNOWN_ID', 'NOT_FOUND', 'STORAGE_FAILED', ...unwantedBody],
  },
  deleteIdentities: {
    operationId: 'deleteIdentities',
    summary: 'Erase everybody',
    replies: { 200: { description: 'Erased.', content: { 'application/json': { examples: examples.deleted } } } },
    errors: ['CONFIRMATION_REQUIRED', 'STORAGE_FAILED', ...unwantedBody],
  },
  models: {
    operationId: 'models',
    summary: 'What is installed',
    description: 'Licences, measured thresholds, and whether each can work now.',
    replies: { 200: { description: 'The models.', content: { 'application/json': { examples: examples.models } } } },
    errors: ['DEADLINE'],
  },
  health: {
    operationId: 'health',
    summary: 'The process answers',
    replies: { 200: { description: 'It does.', content: { 'application/json': { examples: examples.alive } } } },
    errors: [],
  },
  ready: {
    operationId: 'ready',
    summary: 'Photos can be answered',
    replies: {
      200: { description: 'They can.', content: { 'application/json': { examples: examples.ready } } },
      503: { description: 'What is missing.', content: { 'application/json': { examples: examples.notReady } } },
    },
    errors: [],
  },
} satisfies Record<string, RouteDoc>;
