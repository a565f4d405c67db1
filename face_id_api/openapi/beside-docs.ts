import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { galleryErrors, unwantedBody } from './common-errors.ts';
import { galleryExamples } from './gallery-examples.ts';

const gallery = galleryExamples.gallery.staff;
const model = { name: 'mobilefacenet', fingerprint: '9b1f…', dimension: 128 };
const beside = { ...gallery, name: 'staff--beside', model };

/** Example values for the OpenAPI document; a test holds them to the schemas of their routes. */
export const besideExamples = {
  beside: {
    'in step': { gallery, beside, behind: { missing: 0, changed: 0, bare: 0, gone: 0 } },
    behind: {
      gallery,
      beside: { ...beside, identities: 1, templates: 1 },
      behind: { missing: 1, changed: 1, bare: 0, gone: 0 },
    },
  },
  putBeside: { mobilefacenet: { model } },
  made: { empty: { ...beside, identities: 0, templates: 0 } },
  switch: { 'in step': { fingerprint: model.fingerprint }, forced: { fingerprint: model.fingerprint, force: true } },
  switched: { both: { gallery: { ...gallery, model }, beside: { ...beside, model: gallery.model } } },
};

/** The routes over the gallery beside another one. */
export const besideDocs = {
  getBeside: {
    operationId: 'getBeside',
    summary: 'How far the gallery beside is',
    description: 'The gallery of the same people by another model, and what it has to catch up with before a switch.',
    replies: {
      200: { description: 'Both.', content: { 'application/json': { examples: besideExamples.beside } } },
    },
    errors: ['NOT_FOUND', ...galleryErrors],
  },
  putBeside: {
    operationId: 'putBeside',
    summary: 'Make the gallery beside',
    description:
      'It is named after the gallery, `staff--beside`, and holds vectors of the model that is given. It is filled by import, which leaves ' +
      'out whom the gallery does not have; what is erased in the gallery is erased there, too. The same again changes nothing.',
    request: { 'application/json': { examples: besideExamples.putBeside } },
    replies: {
      200: { description: 'It is there.', content: { 'application/json': { examples: besideExamples.made } } },
    },
    errors: ['NOT_FOUND', 'GALLERY_EXISTS', ...galleryErrors, ...unwantedBody],
  },
  switchGallery: {
    operationId: 'switchGallery',
    summary: 'Switch to the gallery beside',
    description:
      'Both exchange their names in one step; the same again changes nothing, the other fingerprint switches back. From then on the gallery wants the other model: a service with ' +
      'the one before answers MODEL_MISMATCH until `models.embedder` names it. Which model is better is not asked here: ' +
      '`npm run gallery -- switch` does.',
    request: { 'application/json': { examples: besideExamples.switch } },
    replies: {
      200: { description: 'Switched.', content: { 'application/json': { examples: besideExamples.switched } } },
    },
    errors: ['NOT_FOUND', 'GALLERY_BEHIND', 'MODEL_MISMATCH', ...galleryErrors, ...unwantedBody],
  },
} satisfies Record<string, RouteDoc>;
