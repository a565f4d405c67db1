import { z } from 'zod';
import { gateModes } from './core/gate-mode.ts';

const file = z.string().min(1);

/** Of each key; generous: they are to stop a program that runs wild, not one that works hard. */
const limitsConfig = z.strictObject({
  requests_per_minute: z.int().min(1).max(1_000_000).default(6000),
  /** Photo requests under way at once. */
  photos_at_once: z.int().min(1).max(1000).default(16),
  /** Wrong keys from one address. */
  failures_per_minute: z.int().min(1).max(1_000_000).default(30),
});

const hostName = z
  .string()
  .regex(/^([A-Za-z0-9_.-]+|\[[0-9a-f:.]+\])$/i, 'expected a name or an address without a port');

const origin = z
  .string()
  .refine(
    text => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text,
    'expected an origin such as https://app.example:8443, without a path',
  );

/** `api:` of config.yaml. Without keys the host has to be loopback. */
export const apiConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65535).default(8004),
  /** Hashed keys; null: keys.json in data_dir. */
  keys_file: file.nullable().default(null),
  /** One plain key with every scope. */
  admin_key_file: file.nullable().default(null),
  limits: limitsConfig.prefault({}),
  /** Names besides this machine's own that it may be asked under while there are no keys. */
  allowed_hosts: z.array(hostName).default([]),
  /** Origins whose pages may ask; none: CORS is off. */
  cors_origins: z.array(origin).default([]),
  /** PEM files; null: plain HTTP. */
  tls: z.strictObject({ cert_file: file, key_file: file }).nullable().default(null),
  /** Whether a proxy in front ends TLS; its word on the client's address then counts. */
  behind_tls_proxy: z.boolean().default(false),
});

/** `decision:` of config.yaml. A threshold (cosine) wins over fmr. */
export const decisionConfig = z.strictObject({
  /** False-match rate whose measured threshold applies. */
  fmr: z.number().positive().max(1).default(0.001),
  threshold: z.number().min(-1).max(1).nullable().default(null),
  /** Cosine by which the nearest identity has to lead; null: where the odds are 3 to 1, by the measured curve. 0: no such rule. */
  margin: z.number().min(0).max(2).nullable().default(null),
});

const share = z.number().min(0).max(1);
const angle = z.number().min(0).max(180);

/** `quality:` of config.yaml. docs/quality.md says how each is measured, and how many good photos each leaves out. */
export const qualityConfig = z.strictObject({
  /** What becomes of a photo at enrolment whose face falls short; a request may ask for more than this. */
  gate: z.enum(gateModes).default('warn'),
  /** The least of each measure, of faces and angles the most. 0, null of the faces and 180 for an angle: that one is not looked at. */
  thresholds: z
    .strictObject({
      /** Faces in one photo, of which the largest is enrolled. */
      max_faces: z.int().min(1).max(10_000).nullable().default(1),
      sharpness: share.default(0.35),
      brightness: share.default(0.1),
      yaw: angle.default(45),
      pitch: angle.default(40),
      box_side: z.number().min(0).max(10_000).default(40),
      /** Null: what is usual for the detector. */
      confidence: share.nullable().default(null),
      score: share.default(0.4),
    })
    .prefault({}),
});

/** `unknowns:` of config.yaml. Faces that nobody was found for are kept only where this says so. */
export const unknownsConfig = z.strictObject({
  keep: z.boolean().default(false),
  /** After so many days a face is erased. */
  days: z.number().positive().max(3650).default(30),
  /** Faces of one gallery; of more the oldest go. */
  max: z.int().min(1).max(20_000).default(10_000),
});

const secret = z.string({ error: 'expected text; in the environment, one that reads as JSON in double quotes' }).min(1);

const elasticsearchConfig = z
  .strictObject({
    kind: z.literal('elasticsearch'),
    /** Nodes of one cluster. */
    urls: z.array(z.url({ protocol: /^https?$/ })).min(1),
    /** What the names of all its indexes begin with. */
    prefix: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'expected 1 to 32 characters of [a-z0-9_-], a letter or digit first')
      .default('face-id'),
    username: z.string().min(1).nullable().default(null),
    password: secret.nullable().default(null),
    password_file: file.nullable().default(null),
    api_key: secret.nullable().default(null),
    api_key_file: file.nullable().default(null),
    /** PEM; null: the authorities that Node trusts. */
    ca_file: file.nullable().default(null),
    timeout_ms: z.int().min(100).max(600_000).default(10_000),
    /** Of indexes that are made from now on. */
    index_type: z.enum(['int8_hnsw', 'hnsw']).default('int8_hnsw'),
    shards: z.int().min(1).max(1024).default(1),
    /** Null: one where there is a second node for it. */
    replicas: z.int().min(0).max(16).nullable().default(null),
    refresh_interval: z
      .string()
      .regex(/^\d+(ms|s|m)$/, 'expected a time such as 1s or 500ms')
      .default('1s'),
    /** Whether an acknowledged write refreshes its shard, or waits for the next refresh. */
    refresh: z.enum(['immediate', 'wait_for']).default('immediate'),
  })
  .superRefine((given, context) => {
    const hasPassword = given.password !== null || given.password_file !== null;
    const hasKey = given.api_key !== null || given.api_key_file !== null;
    const wrong = [
      given.password !== null && given.password_file !== null && 'expected password or password_file, got both',
      given.api_key !== null && given.api_key_file !== null && 'expected api_key or api_key_file, got both',
      hasPassword && hasKey && 'expected an API key or a password, got both',
      hasPassword !== (given.username !== null) && 'expected username and password together, got one of them',
    ].filter(issue => issue !== false);
    for (const message of wrong) context.addIssue({ code: 'custom', message, input: null });
    for (const url of given.urls) {
      const { username, password } = new URL(url);
      if (username === '' && password === '') continue;
      const message = 'expected no credentials in an address: set username and password_file';
      context.addIssue({ code: 'custom', message, input: null, path: ['urls'] });
    }
  });

/** `store:` of config.yaml. */
export const storeConfig = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('local') }),
  elasticsearchConfig,
]);

/** `encryption:` of config.yaml: of what is kept about faces. Without a key vectors are kept as they are. */
export const encryptionConfig = z
  .strictObject({
    /** The key in a file, in hexadecimal or base64. */
    key_file: file.nullable().default(null),
    /** The key itself, for the environment: FACE_ID__ENCRYPTION__KEY. */
    key: secret.nullable().default(null),
    /** With a key: whether every gallery's vectors are turned by a secret of its own. */
    rotate_vectors: z.boolean().default(true),
  })
  .superRefine((given, context) => {
    if (given.key === null || given.key_file === null) return;
    context.addIssue({ code: 'custom', message: 'expected key or key_file, got both', input: null });
  });

/** `retention:` of config.yaml. */
export const retentionConfig = z.strictObject({
  /** Whether nobody is enrolled without a consent that holds. */
  require_consent: z.boolean().default(false),
  /** Days after which somebody whom no photo has shown is due. Null: nobody is, and who was seen when is not written down. */
  unseen_days: z.int().min(1).max(36_500).nullable().default(null),
  /** What the service does by itself about those who are due. */
  sweep: z.enum(['off', 'dry_run', 'erase']).default('off'),
  every_hours: z.int().min(1).max(576).default(24),
});

/** `audit:` of config.yaml. Every change is written down, whatever stands here. */
export const auditConfig = z.strictObject({
  /** Whether it is written down, too, who asked who is in a photo, and whom it showed. */
  reads: z.boolean().default(false),
});

export type ApiConfig = z.infer<typeof apiConfig>;
export type QualityConfig = z.infer<typeof qualityConfig>;
export type DecisionConfig = z.infer<typeof decisionConfig>;
export type EncryptionConfig = z.infer<typeof encryptionConfig>;
export type UnknownsConfig = z.infer<typeof unknownsConfig>;
export type StoreConfig = z.infer<typeof storeConfig>;
export type ElasticsearchConfig = z.infer<typeof elasticsearchConfig>;
export type RetentionConfig = z.infer<typeof retentionConfig>;
export type AuditConfig = z.infer<typeof auditConfig>;
