const model = { name: 'dlib_resnet', fingerprint: '5d3c…', dimension: 128 };
export const created = '2026-01-31T09:12:44.031Z';
export const updated = '2026-02-01T17:40:02.118Z';

const consent = { purpose: 'door of house 3', given: created, expires: '2027-01-31T00:00:00.000Z' };

export const ada = {
  id: 'ada',
  name: 'Ada Lovelace',
  metadata: { team: 'engines' },
  consent,
  templates: 3,
  created,
  updated,
  seen: '2026-02-01',
};
const nameless = { id: 2576, name: null, metadata: {}, consent: null, templates: 1, created, updated, seen: null };

export const template = {
  id: '0e0f6a52-6d1e-4f0b-9d9e-3f8b2f7f0b11',
  created,
  detector: 'mtcnn',
  source_sha256: 'b4ea0f7f2b0ee2f1c1b1f7a4d1f0d3c6a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9',
  fingerprint: '5d3c…',
};
/** Four numbers of what are 128 or more. */
const embedding = [0.5, -0.5, 0.1, 0.7];

/** SHA-256 of `s:ada`. */
const adaSha256 = '8b04417aa82f0e1c24b477d22b6806dd4210d5161a1f1cdb5d770e6defc721dc';

export function erased(subject: string, identities: number, templates: number, hashes: object = {}) {
  const places = [
    { place: 'database', templates },
    { place: 'memory', templates },
    { place: 'index', templates: 0 },
    { place: 'saved index', templates: 0 },
  ];
  const nobody = { id_sha256: null, template_sha256: null };
  const receipt = {
    subject,
    gallery: 'default',
    ...nobody,
    ...hashes,
    identities,
    templates,
    places,
    erased_at: updated,
  };
  return { deleted: { identities, templates }, receipt };
}

const gallery = { name: 'staff', kind: 'face', model, created, identities: 2, templates: 4 };

const vector = Buffer.from(Float32Array.of(0.5, -0.5, 0.5, 0.5).buffer).toString('base64');
const adaLine = {
  ...ada,
  templates: [{ id: template.id, vector, source_sha256: template.source_sha256, detector: 'mtcnn', created }],
};
const adaEnrolled = {
  seq: 12,
  time: created,
  actor: 'reception',
  action: 'identity.enrol',
  gallery: 'default',
  subjects: ['5f1d0a6c1c2f4d7a8f3f0f7b2f0c9e51'],
  outcome: 'done',
  details: { begun: 11, templates: 3 },
  previous: '0d7b4d0b6ef8e6a3c6b1a0c1b8b1b3d51e5f0e2bb2f0a5a7a0a9b4d8c3e2f1a0',
  hash: '9c8b7a69584736251403f2e1d0cfbeadacbdcedfe0f1021324354657687980a1',
};
const archive = [
  {
    format: 'face-id gallery',
    version: 2,
    gallery: 'staff',
    kind: 'face',
    model: { ...model, dimension: 4 },
    exported_at: updated,
  },
  adaLine,
  { end: { identities: 1, templates: 1 } },
];

/** Example values for the OpenAPI document; a test holds them to the schemas of their routes. */
export const galleryExamples = {
  galleries: { all: { galleries: [gallery] } },
  gallery: { staff: gallery },
  putGallery: { faces: { kind: 'face' } },
  deletedGallery: { one: erased('gallery', 2, 4) },
  archive: { 'one identity': archive.map(line => `${JSON.stringify(line)}\n`).join('') },
  imported: {
    all: { identities: 2, templates: 4, refused: [], refused_count: 0, complete: true },
    'but for a line': {
      identities: 1,
      templates: 3,
      refused: [{ line: 3, code: 'INVALID_REQUEST', reason: 'templates.0.vector: expected a vector of length 1' }],
      refused_count: 1,
      complete: true,
    },
  },
  identities: { page: { identities: [nameless, ada], next: 's:ada' }, 'last page': { identities: [], next: null } },
  identity: { ada },
  identityWithTemplates: { ada: { ...ada, templates: 1, template_list: [template] } },
  patchIdentity: {
    'a name, and one entry less': { name: 'Ada King', metadata: { team: null } },
    'nothing but templates': { name: null, metadata: null },
    'consent withdrawn': { consent: { ...consent, expires: updated } },
  },
  putIdentity: {
    ada: { embeddings: [embedding], fingerprint: '5d3c…', detector: 'mtcnn', name: 'Ada Lovelace', consent },
  },
  addTemplates: { 'one more': { embeddings: [embedding], fingerprint: '5d3c…', detector: 'mtcnn' } },
  addedTemplates: { 'one more': { identity: ada, added: [template.id] } },
  merge: { 'an integer': { from: 2576 }, 'a string': { from: 'ada.2' } },
  deletedIdentity: { one: erased('identity', 1, 3, { id_sha256: adaSha256 }) },
  deletedIdentities: { all: erased('identities', 2, 4) },
  templates: { list: { templates: [template] } },
  template: { summary: template, 'embedding=true': { ...template, embedding } },
  deletedTemplate: { one: erased('template', 0, 1, { id_sha256: adaSha256, template_sha256: template.source_sha256 }) },
  split: { 'one template': { templates: [template.id], id: 'ada.2' } },
  move: { 'one template': { templates: [template.id], to: 2576 } },
  moved: { both: { from: ada, to: nameless } },
  swept: {
    'a dry run': {
      dry_run: true,
      reasons: { consent_expired: 1, unseen: 0 },
      due: [{ id: 'ada', reason: 'consent_expired' }],
      receipts: [],
    },
    erased: {
      dry_run: false,
      reasons: { consent_expired: 1, unseen: 0 },
      due: [{ id: 'ada', reason: 'consent_expired' }],
      receipts: [erased('identity', 1, 3, { id_sha256: adaSha256 }).receipt],
    },
  },
  subject: {
    ada: {
      format: 'face-id subject',
      version: 1,
      gallery: 'default',
      id: 'ada',
      exported_at: updated,
      model,
      kept: { identity: [adaLine], rejections: [], distinct: [{ id: 2576 }], audit: [adaEnrolled] },
    },
  },
};
