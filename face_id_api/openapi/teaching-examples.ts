import { ada, created, erased, template, updated } from './gallery-examples.ts';

/** Four numbers of what are 128 or more. */
const embedding = [0.5, -0.5, 0.1, 0.7];
const rule = { threshold: 0.930791, fmr: 0.001 };
const twin = { ...ada, id: 2576, name: null, metadata: {}, templates: 1 };
const cluster = {
  id: '5f0c6a1d9b3e47a28c1d0e2f3a4b5c6d',
  size: 14,
  first_seen: created,
  last_seen: updated,
  cohesion: 0.951204,
};

/** Example values for the OpenAPI document; a test holds them to the schemas of their routes. */
export const teachingExamples = {
  rejectEmbeddings: { embeddings: [embedding], fingerprint: '5d3c…', detector: 'mtcnn' },
  rejected: { one: { added: [template] } },
  rejections: { list: { rejections: [template] } },
  deletedRejection: {
    one: erased('rejection', 0, 1, { id_sha256: template.source_sha256, template_sha256: template.source_sha256 }),
  },
  duplicates: {
    page: { pairs: [{ a: twin, b: ada, score: 0.958113, confidence: 0.99352 }], looked: 480, next: 's:ada', rule },
    'last page': { pairs: [], looked: 12, next: null, rule },
  },
  pair: { both: { a: 2576, b: 'ada' } },
  dismissed: { two: { a: 2576, b: 'ada', distinct: true } },
  restored: { 'perhaps one': { a: 2576, b: 'ada', distinct: false } },
  clusters: {
    some: { clusters: [cluster], faces: 31, keeping: true, days: 30, rule },
    'nothing is kept': { clusters: [], faces: 0, keeping: false, days: 30, rule },
  },
  enrolCluster: { 'a new person': { id: 'ada', name: 'Ada Lovelace' }, 'few templates': { id: 2576, templates: 5 } },
  enrolledCluster: { enrolled: { id: 'ada', enrolled: 14, faces: 14, templates: 14 } },
  deletedUnknowns: { all: erased('unknowns', 0, 14) },
};
