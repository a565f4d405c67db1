import { test } from 'vitest';
import { base64, brokenPhoto, photo } from '../../api/face_id_api/fake-deps.ts';
import { startApi } from '../../api/face_id_api/start-api.ts';
import { fuzz } from '../fuzz.ts';
import { answersAsDocumented, requests } from '../http-request.ts';

const images = [photo(1), photo(2, 3), photo(), brokenPhoto('UNREADABLE')].map(base64);

test('the API answers any request with a documented status', async () => {
  const { app } = await startApi({ limits: { maxImageBytes: 2000 } });
  const shape = {
    routes: {
      'POST /infer': ['top_k', 'threshold', 'fmr', 'embeddings', 'format', 'max_side', 'max_faces'],
      'POST /embeddings': ['max_side', 'min_face_size', 'max_faces'],
      'POST /verify': ['threshold', 'fmr'],
      'POST /generate': ['mode', 'faces', 'legacy', 'gallery'],
      'GET /identities': ['limit', 'after', 'gallery', 'name', 'name_prefix', 'metadata.a'],
      'DELETE /identities': ['confirm', 'gallery'],
      'GET /identities/:id': ['type', 'gallery'],
      'PUT /identities/:id': ['type', 'gallery'],
      'PATCH /identities/:id': ['type', 'gallery'],
      'DELETE /identities/:id': ['type', 'gallery'],
      'POST /identities/:id/merge': ['type', 'gallery'],
      'POST /identities/:id/split': ['type', 'gallery'],
      'GET /identities/:id/templates': ['type', 'gallery'],
      'POST /identities/:id/templates/move': ['type', 'gallery'],
      'GET /identities/:id/templates/:id': ['type', 'gallery', 'embedding'],
      'GET /galleries': [],
      'PUT /galleries/:id': [],
      'GET /galleries/:id': [],
      'DELETE /galleries/:id': ['confirm'],
      'GET /models': [],
      'GET /:id': [],
    },
    members: [
      'image',
      'id',
      'images',
      'source_image',
      'target_image',
      'name',
      'metadata',
      'from',
      'to',
      'templates',
      'kind',
    ],
    images,
  };
  await fuzz(requests(shape), request => answersAsDocumented(app, request));
});
