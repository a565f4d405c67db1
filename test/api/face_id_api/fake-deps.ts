import { create } from '@bufbuild/protobuf';
import { pino } from 'pino';
import type { z } from 'zod';
import { ServiceError } from '../../../detector/errors.ts';
import type { FaceFinder, FoundFaces } from '../../../detector/face-finder.ts';
import type { ApiDeps } from '../../../face_id_api/app.ts';
import type { Audit } from '../../../face_id_api/audit/audit.ts';
import { auditStore } from '../../../face_id_api/audit/audit-store.ts';
import {
  type QualityConfig,
  qualityConfig,
  type RetentionConfig,
  retentionConfig,
} from '../../../face_id_api/config.ts';
import { createDecisionRules } from '../../../face_id_api/decision-rules.ts';
import { createModelLister } from '../../../face_id_api/list-models.ts';
import { createLocalStore } from '../../../face_id_api/store/local-store.ts';
import { createEmbedder, type EmbedderTriton } from '../../../face_id_api/triton-embedder.ts';
import { ModelConfigSchema } from '../../../proto/gen/model_config_pb.ts';
import { cardSchema, type ModelCard } from '../../../triton/card.ts';
import type { InferRequest } from '../../../triton/client/triton-client.ts';
import { cropSpecs } from '../../../triton/core/crop-spec.ts';

export const dimension = 8;
const side = 112;
const cropBytes = 3 * side * side;

/**
 * A photo for the fake finder: who is in it, or what is wrong with it. `noise` turns the face's vector away from its owner's; `fine` is
 * a face that is sharp and bright, where others are black.
 */
export type FakePhoto = {
  readonly faces?: readonly FakeFace[];
  readonly fault?: ServiceError['code'];
};

type FakeFace = { readonly who: number; readonly noise?: number; readonly fine?: boolean };

export const photo = (...who: number[]): Buffer => toBytes({ faces: who.map(one => ({ who: one })) });
export const finePhoto = (...who: number[]): Buffer => toBytes({ faces: who.map(one => ({ who: one, fine: true })) });
export const noisyPhoto = (who: number, noise: number): Buffer => toBytes({ faces: [{ who, noise }] });
export const brokenPhoto = (fault: ServiceError['code']): Buffer => toBytes({ fault });
export const toBytes = (fake: FakePhoto): Buffer => Buffer.from(JSON.stringify(fake));
export const base64 = (bytes: Buffer): string => bytes.toString('base64');

export const calibration = {
  detector: 'mtcnn',
  method: 'made up for tests',
  pairs: { same: 10, different: 10 },
  thresholds: [
    { fmr: 0.01, threshold: 0.6, fnmr: 0.02 },
    { fmr: 0.001, threshold: 0.8 },
    { fmr: 0.0001, threshold: null },
  ],
  curve: { slope: 20, intercept: -14 },
  accuracy: 0.98,
};

export function fakeCard(change: Partial<z.input<typeof cardSchema>> = {}): ModelCard {
  return cardSchema.parse({
    name: 'fake_embedder',
    purpose: 'tests',
    kind: 'embedder',
    licence: 'MIT',
    commercial: true,
    commercial_note: 'made up',
    source: { kind: 'npm', location: 'nowhere' },
    weights: [{ file: 'w', sha256: 'aa', published: false }],
    files: [{ file: '1/model.onnx', bytes: 1, sha256: 'bb' }],
    inputs: [{ name: 'INPUT__0', datatype: 'UINT8', shape: [3, side, side] }],
    outputs: [{ name: 'OUTPUT__0', datatype: 'FP32', shape: [dimension] }],
    crop: { name: 'arcface_112', spec: cropSpecs.arcface_112 },
    pixels: 'raw',
    pixel_spec: null,
    mirror_crop: false,
    fingerprint: 'fp-fake',
    calibration: [calibration],
    ...change,
  });
}

/** Finds what `FakePhoto` says. Everything else is UNREADABLE. */
export function fakeFinder(change: Partial<FaceFinder> = {}): FaceFinder {
  return {
    async find(bytes, { crop }) {
      const { faces = [], fault } = parse(bytes);
      if (fault) throw new ServiceError(fault, `the fake photo asks for ${fault}`);
      return found(faces, crop !== null);
    },
    ready: async () => ({ ok: true, detector: 'mtcnn' }),
    close: async () => {},
    ...change,
  };
}

function parse(bytes: Uint8Array): FakePhoto {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as FakePhoto;
  } catch {
    throw new ServiceError('UNREADABLE', 'the fake photo cannot be read');
  }
}

/** Waves in both directions: fine, bright and without noise. */
const pattern = Uint8Array.from({ length: cropBytes }, (_, i) =>
  Math.round(125 + 50 * Math.sin(1.2 * (i % side)) + 50 * Math.sin(1.2 * Math.floor(i / side))),
);

function found(faces: readonly FakeFace[], withCrops: boolean): FoundFaces {
  const crops = new Uint8Array(faces.length * cropBytes);
  for (const [i, { who, noise = 0, fine = false }] of faces.entries()) {
    if (fine) crops.set(pattern, i * cropBytes);
    crops.set([who, noise], i * cropBytes);
  }
  return {
    image: { width: 640, height: 480 },
    detector: 'mtcnn',
    faces: faces.map((_, i) => ({
      box: [10.123456 + i, 20, 110.5 + i, 150.25],
      confidence: 0.99912345,
      landmarks: [
        [40, 60],
        [80, 60],
        [60, 80.126],
        [45, 110],
        [75, 110],
      ],
    })),
    crops: withCrops ? crops : null,
  };
}

/** Vector of a crop: axis `who`, turned by `noise` / 255 of a right angle towards the next axis. */
export function vectorOf(who: number, noise = 0): Float32Array {
  const vector = new Float32Array(dimension);
  const angle = ((noise / 255) * Math.PI) / 2;
  vector[who % dimension] = Math.cos(angle);
  vector[(who + 1) % dimension] = Math.sin(angle);
  return vector;
}

export type FakeTriton = EmbedderTriton & { readonly calls: InferRequest[] };

/** A Triton that serves the fake card's model, at most four faces a call. */
export function fakeTriton(change: Partial<EmbedderTriton> = {}): FakeTriton {
  const calls: InferRequest[] = [];
  return {
    calls,
    modelReady: async () => true,
    modelMetadata: async name => ({
      name,
      versions: ['1'],
      platform: 'fake',
      inputs: [{ name: 'INPUT__0', datatype: 'UINT8', shape: [-1, 3, side, side] }],
      outputs: [{ name: 'OUTPUT__0', datatype: 'FP32', shape: [-1, dimension] }],
    }),
    modelConfig: async () => create(ModelConfigSchema, { maxBatchSize: 4 }),
    async infer(request) {
      calls.push(request);
      const input = request.inputs[0]!;
      const count = input.shape[0]!;
      const values = new Float32Array(count * dimension);
      for (let i = 0; i < count; i++) {
        values.set(vectorOf(input.data[i * cropBytes]!, input.data[i * cropBytes + 1]), i * dimension);
      }
      const data = new Uint8Array(values.buffer);
      const output = { datatype: 'FP32', shape: [count, dimension], data } as const;
      return { model: request.model, version: '1', outputs: new Map([['OUTPUT__0', output]]) };
    },
    ...change,
  };
}

export type FakeOptions = {
  readonly finder?: FaceFinder;
  readonly client?: EmbedderTriton;
  readonly card?: ModelCard;
  readonly threshold?: number | null;
  /** Off where nothing else is said: fake crops are black. */
  readonly quality?: QualityConfig;
  readonly limits?: ApiDeps['limits'];
  readonly logger?: ApiDeps['logger'];
  readonly access?: ApiDeps['access'];
  readonly unknowns?: ApiDeps['unknowns'];
  readonly retention?: RetentionConfig;
  readonly sweeps?: NonNullable<ApiDeps['sweeps']>;
  /** Where the store's changes are written down; by default nowhere. */
  readonly audit?: Audit;
  readonly onIdentified?: NonNullable<ApiDeps['onIdentified']>;
};

/** The API's real parts over a fake finder, a fake Triton and a store in memory. */
export function fakeDeps(options: FakeOptions = {}): ApiDeps {
  const { finder = fakeFinder(), client = fakeTriton(), card = fakeCard(), threshold = null } = options;
  const { audit = null, retention = retentionConfig.parse({}), sweeps, onIdentified } = options;
  const { quality = qualityConfig.parse({ gate: 'off' }) } = options;
  const embedder = createEmbedder({ client, card });
  const requireConsent = retention.require_consent;
  const store = createLocalStore({ dataDir: ':memory:', model: embedder.model, requireConsent });
  return {
    finder,
    embedder,
    store: audit === null ? store : auditStore(store, audit),
    audit,
    retention,
    ...(sweeps && { sweeps }),
    ...(onIdentified && { onIdentified }),
    rules: createDecisionRules(card, { fmr: 0.001, threshold, margin: null }),
    quality,
    listModels: createModelLister({ cards: [card], embedder: card.name, client, finder }),
    logger: options.logger ?? pino({ level: 'silent' }),
    limits: options.limits ?? {},
    access: options.access ?? {},
    ...(options.unknowns && { unknowns: options.unknowns }),
  };
}
