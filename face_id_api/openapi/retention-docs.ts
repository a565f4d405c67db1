import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { galleryErrors, identityErrors, unwantedBody } from './common-errors.ts';
import { galleryExamples as examples } from './gallery-examples.ts';

/** The routes for how long people are kept, and for what is kept about one of them. */
export const retentionDocs = {
  sweepGallery: {
    operationId: 'sweepGallery',
    summary: 'Who is not to be kept any longer, and their erasure',
    description:
      'Whose consent has expired, and, where `retention.unseen_days` is set, whom no photo has shown for so long; who was never seen ' +
      'counts from the enrolment or the last change. A dry run unless `dry_run=false`.',
    replies: {
      200: { description: 'Who is due.', content: { 'application/json': { examples: examples.swept } } },
    },
    errors: ['NOT_FOUND', ...galleryErrors, ...unwantedBody],
  },
  exportIdentity: {
    operationId: 'exportIdentity',
    summary: 'Everything that is kept about somebody',
    description:
      'To be handed to the one whom it is about: the identity with its consent and vectors, and what the audit log says about it. Of ' +
      'somebody who was erased only the log speaks.',
    replies: {
      200: { description: 'What is kept.', content: { 'application/json': { examples: examples.subject } } },
    },
    errors: identityErrors,
  },
} satisfies Record<string, RouteDoc>;
