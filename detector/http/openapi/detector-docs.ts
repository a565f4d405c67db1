import { cropReplySchema } from '../crop-reply.ts';
import { headerLengthName } from '../detect-reply.ts';
import { imageErrors, imageRequest } from './image-request.ts';
import { jsonSchemaOf } from './json-schema-of.ts';
import type { RouteDoc } from './route-doc.ts';

const face = {
  bounding_box: [642.308, 200.441, 804.02, 421.873],
  detection_confidence: 0.999871,
  landmarks: [
    [690.122, 285.501],
    [764.398, 287.033],
    [726.907, 331.771],
    [693.841, 371.202],
    [757.349, 372.656],
  ],
};
const about = { image: { width: 1920, height: 1280 }, detector: 'mtcnn' };

export const detectorDocs = {
  detect: {
    operationId: 'detect',
    summary: 'The faces of a photo: boxes and landmarks, or crops',
    description:
      'With `Accept: application/octet-stream` the JSON is followed by the crops that `crop` names, UINT8 [n, 3, s, s], as in ' +
      "Triton's binary-data extension.",
    request: imageRequest,
    replies: {
      200: {
        description: 'The faces, largest first.',
        headers: { [headerLengthName]: 'Bytes of JSON before the crops; with application/octet-stream.' },
        content: {
          'application/json': { examples: { faces: { ...about, faces: [face] }, 'no face': { ...about, faces: [] } } },
          'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
        },
      },
    },
    errors: imageErrors,
  },
  crop: {
    operationId: 'crop',
    summary: 'The faces of a photo as normalised pixels',
    description:
      'For older clients: 76,800 numbers a face, of every face with a probability of at least 0.9. `POST /detect` says the same in ' +
      'a tenth of the bytes.',
    request: imageRequest,
    replies: {
      200: {
        description: 'Three lists with one entry per face, largest first.',
        content: {
          'application/json': {
            schema: jsonSchemaOf(cropReplySchema),
            examples: { 'no face': { img: [], prob: [], box: [] } },
          },
        },
      },
    },
    errors: imageErrors,
  },
  health: {
    operationId: 'health',
    summary: 'The process answers',
    replies: {
      200: { description: 'It does.', content: { 'application/json': { examples: { ok: { status: 'ok' } } } } },
    },
    errors: [],
  },
  ready: {
    operationId: 'ready',
    summary: 'Photos can be looked at',
    replies: {
      200: {
        description: 'They can.',
        content: { 'application/json': { examples: { ready: { status: 'ready', detector: 'mtcnn' } } } },
      },
    },
    errors: ['DEPENDENCY_DOWN'],
  },
} satisfies Record<string, RouteDoc>;
