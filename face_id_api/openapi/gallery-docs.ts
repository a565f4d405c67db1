import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { galleryErrors, unwantedBody } from './common-errors.ts';
import { galleryExamples as examples } from './gallery-examples.ts';

/** The routes over galleries as a whole. */
export const galleryDocs = {
  listGalleries: {
    operationId: 'listGalleries',
    summary: 'The galleries',
    replies: {
      200: { description: 'All of them.', content: { 'application/json': { examples: examples.galleries } } },
    },
    errors: ['DEPENDENCY_DOWN', 'STORAGE_FAILED'],
  },
  getGallery: {
    operationId: 'getGallery',
    summary: 'Look up a gallery',
    replies: {
      200: { description: 'The gallery.', content: { 'application/json': { examples: examples.gallery } } },
    },
    errors: ['NOT_FOUND', ...galleryErrors],
  },
  putGallery: {
    operationId: 'putGallery',
    summary: 'Make a gallery',
    description: "It takes the present embedder's model. The same again changes nothing.",
    request: { 'application/json': { examples: examples.putGallery } },
    replies: {
      200: { description: 'It is there.', content: { 'application/json': { examples: examples.gallery } } },
    },
    errors: ['NOT_FOUND', 'GALLERY_EXISTS', 'DEPENDENCY_DOWN', 'STORAGE_FAILED', ...unwantedBody],
  },
  deleteGallery: {
    operationId: 'deleteGallery',
    summary: 'Erase a gallery with everybody in it',
    description: 'The default gallery is emptied and stays.',
    replies: {
      200: { description: 'Erased.', content: { 'application/json': { examples: examples.deletedGallery } } },
    },
    errors: ['CONFIRMATION_REQUIRED', 'NOT_FOUND', ...galleryErrors, ...unwantedBody],
  },
  exportGallery: {
    operationId: 'exportGallery',
    summary: 'Export a gallery',
    description:
      'Lines of JSON: the header with the model, then one identity a line with its templates (vectors as base64 of little-endian ' +
      'float32), then the end with their numbers. A connection that breaks off leaves no end.',
    replies: {
      200: {
        description: 'The archive.',
        content: { 'application/x-ndjson': { schema: { type: 'string' }, examples: examples.archive } },
      },
    },
    errors: ['NOT_FOUND', 'OVERLOADED', ...galleryErrors],
  },
  importGallery: {
    operationId: 'importGallery',
    summary: 'Import an archive',
    description:
      'Into a gallery that is there. An identity takes the place of the one that had its id. Lines that are at fault are left out ' +
      'and named; what was read is durable, a part at a time.',
    request: { 'application/x-ndjson': { schema: { type: 'string' }, examples: examples.archive } },
    replies: {
      200: { description: 'Imported.', content: { 'application/json': { examples: examples.imported } } },
    },
    errors: ['NOT_FOUND', 'MODEL_MISMATCH', 'OVERLOADED', ...galleryErrors, ...unwantedBody],
  },
} satisfies Record<string, RouteDoc>;
