import { exampleImage } from '../../detector/http/openapi/image-request.ts';

/** Example values for the OpenAPI document; a test holds them to the schemas of their routes. */
const place = {
  bounding_box: [642.31, 200.44, 804.02, 421.87],
  detection_confidence: 0.999871,
  landmarks: [
    [690.12, 285.5],
    [764.4, 287.03],
    [726.91, 331.77],
    [693.84, 371.2],
    [757.35, 372.66],
  ],
};

const otherPlace = {
  bounding_box: [1177.6, 305.19, 1311.08, 487.5],
  detection_confidence: 0.998204,
  landmarks: [
    [1214.7, 376.31],
    [1276.25, 374.9],
    [1246.33, 413.02],
    [1219.08, 443.67],
    [1273.91, 442.35],
  ],
};

const quality = {
  score: 0.861,
  sharpness: 0.742,
  brightness: 0.463,
  contrast: 0.188,
  noise: 0.012,
  yaw: -12.4,
  pitch: 3.1,
  roll: -1.7,
  box_side: 161.7,
  confidence: 0.999871,
  reasons: [],
};
const blurredFace = { ...quality, score: 0.188, sharpness: 0.113, reasons: ['LOW_SHARPNESS', 'LOW_FACE_QUALITY'] };
const blurred = {
  code: 'LOW_SHARPNESS',
  reason: 'sharpness: expected at least 0.35, got 0.11; score: expected at least 0.4, got 0.19',
  reasons: ['LOW_SHARPNESS', 'LOW_FACE_QUALITY'],
};

/** Four numbers of what are 128 or more. */
const embedding = [0.5, -0.5, 0.1, 0.7];
const model = { name: 'dlib_resnet', version: '1', fingerprint: '5d3c…' };
const about = { model, detector: 'mtcnn', image: { width: 1920, height: 1280 } };

const matched = { id: 2576, decision: 'match', score: 0.962117, confidence: 0.998402, ...place };
const unknown = { id: null, decision: 'unknown', score: 0.714306, confidence: 0.000217, ...otherPlace };
const rule = { threshold: 0.930791, fmr: 0.001 };
const inGallery = { ...rule, margin: 0.00649, by: 'template', comparisons: 120, expected_fpir: 0.113136 };
const ambiguous = {
  id: null,
  decision: 'ambiguous',
  score: 0.951204,
  confidence: 0.989102,
  ...otherPlace,
  candidates: [
    { id: 'ada', score: 0.951204, confidence: 0.989102 },
    { id: 'ada.2', score: 0.947713, confidence: 0.980511 },
  ],
};
const candidates = [{ id: 2576, score: 0.962117, confidence: 0.998402 }];
const ok = { state: 'ok' };

export const examples = {
  infer: {
    faces: { faces: [matched, unknown], rule: inGallery, ...about },
    'one of two': { faces: [ambiguous], rule: inGallery, ...about },
    'with candidates and embeddings': { faces: [{ ...matched, candidates, embedding }], rule: inGallery, ...about },
    'with quality': { faces: [{ ...matched, quality }], rule: inGallery, ...about },
    'no face': { faces: [], rule: inGallery, ...about },
    'format=arrays': {
      cos_id: [2576],
      cos_conf: [0.962117],
      euc_id: [2576],
      euc_conf: [0.784165],
      bb: [[642, 200, 804, 422]],
      emb: [embedding],
    },
  },
  embeddings: { faces: { faces: [{ ...place, embedding }], ...about } },
  verifyRequest: { images: { source_image: exampleImage, target_image: exampleImage } },
  verify: {
    'the same person': {
      decision: 'match',
      score: 0.951872,
      confidence: 0.997713,
      source_face: place,
      target_face: otherPlace,
      rule,
      model,
      detector: 'mtcnn',
    },
  },
  generateRequest: {
    person: { id: 2576, images: [{ image: exampleImage }] },
    'with a name': {
      id: 'ada',
      images: [{ image: exampleImage }],
      name: 'Ada Lovelace',
      metadata: { team: 'engines' },
    },
    'with a consent': {
      id: 'ada',
      images: [{ image: exampleImage }],
      consent: { purpose: 'door of house 3', given: '2026-01-31T09:00:00Z', expires: '2027-01-31T00:00:00Z' },
    },
  },
  generate: {
    enrolled: {
      id: 2576,
      enrolled: 1,
      templates: 1,
      refused: [{ index: 1, code: 'NO_FACE', reason: 'No face was found' }],
      warnings: [],
      Response: 'OK',
    },
    'with a warning': {
      id: 'ada',
      enrolled: 2,
      templates: 2,
      refused: [],
      warnings: [{ index: 1, ...blurred }],
      Response: 'OK',
    },
    'gate=refuse and quality=true': {
      id: 'ada',
      enrolled: 1,
      templates: 1,
      refused: [{ index: 1, ...blurred }],
      warnings: [],
      quality: [
        { index: 0, ...quality },
        { index: 1, ...blurredFace },
      ],
      Response: 'OK',
    },
    'legacy=true without a usable face': { Response: 'No embedding generated' },
  },
  models: {
    installed: {
      models: [
        {
          name: 'dlib_resnet',
          kind: 'embedder',
          purpose: 'face embedding, 128-d',
          licence: 'CC0-1.0',
          commercial: true,
          fingerprint: '5d3c…',
          active: true,
          ready: true,
          calibration: [
            {
              detector: 'mtcnn',
              accuracy: 0.99,
              pairs: { same: 1100, different: 1100 },
              thresholds: [
                { fmr: 0.001, threshold: 0.930791, fnmr: 0.0564 },
                { fmr: 0.0001, threshold: null, fnmr: null },
              ],
              open_set: {
                identities: 40,
                templates: 120,
                rank_one: { rate: 0.99, bounds: [0.97, 0.999] },
                failure_to_enrol: { rate: 0, bounds: [0, 0.088] },
                rates: [
                  { fpir: 0.01, supported: true, threshold: 0.945, fnir: { rate: 0.12, bounds: [0.08, 0.17] } },
                  { fpir: 0.003, supported: false, threshold: 0.95, fnir: { rate: 0.2, bounds: [0.15, 0.26] } },
                ],
                faults: [
                  {
                    fault: 'blur',
                    fpir: { rate: 0.01, bounds: [0.003, 0.03] },
                    fnir: { rate: 0.35, bounds: [0.28, 0.43] },
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  },
  alive: { ok: { status: 'ok' } },
  ready: { ready: { status: 'ready', checks: { detector: ok, embedder: ok, store: ok, decision: ok } } },
  notReady: {
    'Triton is down': {
      status: 'not_ready',
      checks: {
        detector: ok,
        embedder: { state: 'missing', reason: 'Triton does not answer' },
        store: ok,
        decision: ok,
      },
    },
  },
};
