import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { galleryErrors, identityErrors, unwantedBody } from './common-errors.ts';
import { galleryExamples as examples } from './gallery-examples.ts';

/** The routes over what an identity is known by. */
export const templateDocs = {
  listTemplates: {
    operationId: 'listTemplates',
    summary: "An identity's templates",
    replies: {
      200: {
        description: 'In the order in which they were added.',
        content: { 'application/json': { examples: examples.templates } },
      },
    },
    errors: identityErrors,
  },
  addTemplates: {
    operationId: 'addTemplates',
    summary: 'Add templates from embeddings',
    description:
      'Without any image, beside the templates that the identity has; makes the identity where there is none. Name, metadata ' +
      'and consent change as with PATCH.',
    request: { 'application/json': { examples: examples.addTemplates } },
    replies: {
      200: {
        description: 'The identity, and what was added.',
        content: { 'application/json': { examples: examples.addedTemplates } },
      },
    },
    errors: [
      'NOT_FOUND',
      'MODEL_MISMATCH',
      'IDENTITY_FULL',
      'CONSENT_REQUIRED',
      'OVERLOADED',
      ...galleryErrors,
      ...unwantedBody,
    ],
  },
  getTemplate: {
    operationId: 'getTemplate',
    summary: 'Look up a template',
    replies: {
      200: { description: 'The template.', content: { 'application/json': { examples: examples.template } } },
    },
    errors: ['TEMPLATE_NOT_FOUND', ...identityErrors],
  },
  deleteTemplate: {
    operationId: 'deleteTemplate',
    summary: 'Erase a template',
    description: 'The identity stays, also without templates: nobody is then recognised as it.',
    replies: {
      200: { description: 'Erased.', content: { 'application/json': { examples: examples.deletedTemplate } } },
    },
    errors: ['TEMPLATE_NOT_FOUND', ...identityErrors, ...unwantedBody],
  },
  splitIdentity: {
    operationId: 'splitIdentity',
    summary: 'Split templates off to a new identity',
    description:
      'It takes none of what is known of the old one; name, metadata and consent of its own may come with it.',
    request: { 'application/json': { examples: examples.split } },
    replies: {
      200: { description: 'Both identities.', content: { 'application/json': { examples: examples.moved } } },
    },
    errors: ['TEMPLATE_NOT_FOUND', 'IDENTITY_EXISTS', 'CONSENT_REQUIRED', ...identityErrors, ...unwantedBody],
  },
  moveTemplates: {
    operationId: 'moveTemplates',
    summary: 'Give templates to another identity',
    request: { 'application/json': { examples: examples.move } },
    replies: {
      200: { description: 'Both identities.', content: { 'application/json': { examples: examples.moved } } },
    },
    errors: ['TEMPLATE_NOT_FOUND', 'IDENTITY_FULL', 'CONSENT_REQUIRED', ...identityErrors, ...unwantedBody],
  },
} satisfies Record<string, RouteDoc>;
