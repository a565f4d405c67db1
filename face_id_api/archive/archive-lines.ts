import { z } from 'zod';
import { toFloat32Array } from '../../triton/core/tensor.ts';
import { maxPurposeLength } from '../core/consent.ts';
import { fieldLimits, metadataKeyPattern } from '../core/identity-fields.ts';
import { identityIdPattern } from '../core/identity-id.ts';
import { norm } from '../core/similarity.ts';
import {
  type GallerySummary,
  galleryNamePattern,
  type IdentityRecord,
  maxTemplates,
  type Template,
} from '../store/store.ts';
import { maxRejections } from '../store/teaching.ts';

/** The first line of an archive. */
export const headerSchema = z.object({
  format: z.literal('face-id gallery'),
  /** 1 knew of no consents. */
  version: z.union([z.literal(1), z.literal(2)]),
  gallery: z.string(),
  kind: z.string().regex(galleryNamePattern),
  model: z.object({ name: z.string().min(1), fingerprint: z.string().min(1), dimension: z.int().min(1).max(65_536) }),
  exported_at: z.string(),
});

export type ArchiveHeader = z.infer<typeof headerSchema>;

const time = z.iso.datetime();

const templateLineSchema = z.object({
  id: z.string().regex(identityIdPattern),
  vector: z.base64(),
  source_sha256: z.string().max(128),
  detector: z.string().max(64),
  created: time,
});

const metadataValueSchema = z.union([z.string().max(fieldLimits.textLength), z.number(), z.boolean()]);

/** A line per identity. */
export const identityLineSchema = z.object({
  id: z.union([z.int().min(0), z.string().regex(identityIdPattern)]),
  name: z.string().min(1).max(fieldLimits.nameLength).nullable(),
  metadata: z.record(z.string().regex(metadataKeyPattern), metadataValueSchema),
  consent: z
    .object({ purpose: z.string().min(1).max(maxPurposeLength), given: time, expires: time.nullable() })
    .nullable()
    .default(null),
  created: time,
  updated: time,
  seen: z.iso.date().nullable().default(null),
  templates: z.array(templateLineSchema).max(maxTemplates),
  /** Faces that are not the identity; absent without any. */
  rejections: z.array(templateLineSchema).max(maxRejections).optional(),
});

/** The last line: without it an archive has been cut off. */
export const endSchema = z.object({ end: z.object({ identities: z.int().min(0), templates: z.int().min(0) }) });

export type ArchiveEnd = z.infer<typeof endSchema>['end'];

/** How far from 1 the length of a vector may be: rounding to float32 leaves a thousandth of this. */
const lengthTolerance = 1e-3;

export function toHeader({ name, kind, model }: GallerySummary, exportedAt: Date): ArchiveHeader {
  return {
    format: 'face-id gallery',
    version: 2,
    gallery: name,
    kind,
    model,
    exported_at: exportedAt.toISOString(),
  };
}

export function toIdentityLine(record: IdentityRecord): z.input<typeof identityLineSchema> {
  const { templates, rejections, ...fields } = record;
  return {
    ...fields,
    templates: templates.map(toTemplateLine),
    ...(rejections && { rejections: rejections.map(toTemplateLine) }),
  };
}

function toTemplateLine(template: Template): z.input<typeof templateLineSchema> {
  const { id, vector, sourceSha256, detector, created } = template;
  return {
    id,
    vector: Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64'),
    source_sha256: sourceSha256,
    detector,
    created,
  };
}

/**
 * The identity of a line that has been parsed.
 * @throws RangeError saying what was expected
 */
export function toRecord(line: unknown, { fingerprint, dimension }: ArchiveHeader['model']): IdentityRecord {
  const parsed = identityLineSchema.safeParse(line);
  if (!parsed.success) throw new RangeError(describeIssues(parsed.error));
  const { templates, rejections, ...fields } = parsed.data;
  const toTemplates = (what: string, lines: typeof templates): Template[] =>
    lines.map(({ vector, source_sha256, ...template }, i) => {
      const values = toVector(vector, dimension, `${what}.${i}`);
      return { ...template, sourceSha256: source_sha256, fingerprint, vector: values };
    });
  return {
    ...fields,
    templates: toTemplates('templates', templates),
    ...(rejections && { rejections: toTemplates('rejections', rejections) }),
  };
}

/** What is wrong, in one line and without the values, which may be personal. */
export function describeIssues(error: z.ZodError): string {
  const issues = error.issues.map(({ path, message }) => `${path.join('.') || 'line'}: ${message}`);
  return issues.slice(0, 3).join('; ');
}

function toVector(base64: string, dimension: number, place: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== dimension * 4) {
    throw new RangeError(`${place}.vector: expected ${dimension * 4} bytes, got ${bytes.length}`);
  }
  // A copy: small buffers are views of a shared one.
  const vector = toFloat32Array(new Uint8Array(bytes)).slice();
  if (Math.abs(norm(vector) - 1) < lengthTolerance) return vector;
  throw new RangeError(`${place}.vector: expected a vector of length 1`);
}
