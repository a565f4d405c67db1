import { randomInt } from 'node:crypto';
import { type Consent, expiryOf } from '../core/consent.ts';
import { foldName, type IdentityFields, type Metadata, noFields } from '../core/identity-fields.ts';
import { decodeCursor, encodeCursor, type IdentityId } from '../core/identity-id.ts';
import { personVector } from '../core/person-vector.ts';
import { expectDistinctRoom, expectRejectionRoom, expectRoom, withoutEnrolled } from './gallery-rules.ts';
import type { IdentityRecord, IdentitySummary, Template } from './store.ts';

/** An identity with its templates, as its document is kept. */
export type IdentityDocument = {
  readonly key: string;
  /** False: it has gone in a change that is being ended; nobody sees it. */
  readonly live: boolean;
  readonly name: string | null;
  readonly folded_name: string | null;
  /** JSON, as it was given. */
  readonly metadata: string;
  /** `key=value` of each entry; no key has a `=`. */
  readonly entries: readonly string[];
  /** JSON; absent in documents of earlier versions, as are the next two. */
  readonly consent?: string | null;
  /** Milliseconds since 1970. */
  readonly consent_expires?: number | null;
  readonly seen?: string | null;
  readonly created: string;
  readonly updated: string;
  readonly template_count: number;
  /** Random, below `sliceCount`: which part of an exact search looks at it. */
  readonly slice: number;
  /** Names the write that made it so, by which a repeated request knows itself. */
  readonly write: string;
  /** The change of several identities that it was written by; null once anything else has written it. */
  readonly change: string | null;
  /** Absent without templates. */
  readonly person?: readonly number[];
  readonly templates: readonly TemplateDocument[];
  /** What it was taught (`Teaching`); absent where that is nothing. Faces are neither searched for nor indexed. */
  readonly rejections?: readonly TemplateDocument[];
  readonly rejection_count?: number;
  /** The keys of those that are somebody else; they name this one, too. */
  readonly distinct?: readonly string[];
};

export type TemplateDocument = {
  readonly id: string;
  readonly vector: readonly number[];
  readonly source_sha256: string;
  readonly detector: string;
  readonly created: string;
};

/** An identity as it is changed here. */
export type Identity = IdentityFields & {
  readonly id: IdentityId;
  readonly created: string;
  readonly updated: string;
  readonly seen: string | null;
  readonly templates: readonly Omit<Template, 'fingerprint'>[];
  readonly rejections?: readonly Omit<Template, 'fingerprint'>[];
  readonly distinct?: readonly string[];
};

export type Written = { readonly write: string; readonly change: string | null; readonly live?: boolean };

export const sliceCount = 4096;

/** The `_id` and the order of identities: integers padded, so that bytes sort as `compareIds` does. */
export function keyOf(id: IdentityId): string {
  return typeof id === 'number' ? `i:${String(id).padStart(16, '0')}` : encodeCursor(id);
}

export function idOf(key: string): IdentityId {
  const id = key.startsWith('i:') ? Number(key.slice(2)) : decodeCursor(key);
  if (id === null) throw new Error('identity document: expected a key, got none');
  return id;
}

/** @throws ServiceError IDENTITY_FULL */
export function toDocument(identity: Identity, { write, change, live = true }: Written): IdentityDocument {
  const { id, name, metadata, consent, created, updated, seen, templates } = identity;
  expectRoom(templates.length);
  const person = personVector(templates.map(({ vector }) => vector));
  const rejections = withoutEnrolled(identity.rejections ?? [], templates);
  expectRejectionRoom(rejections.length);
  const { distinct = [] } = identity;
  expectDistinctRoom(distinct.length);
  return {
    key: keyOf(id),
    live,
    name,
    folded_name: name === null ? null : foldName(name),
    metadata: JSON.stringify(metadata),
    entries: Object.entries(metadata).map(([entry, value]) => `${entry}=${value}`),
    consent: consent === null ? null : JSON.stringify(consent),
    consent_expires: consent === null ? null : expiryOf(consent),
    seen,
    created,
    updated,
    template_count: templates.length,
    slice: randomInt(sliceCount),
    write,
    change,
    ...(person === null ? {} : { person: [...person] }),
    templates: templates.map(toTemplateDocument),
    ...(rejections.length > 0 && {
      rejections: rejections.map(toTemplateDocument),
      rejection_count: rejections.length,
    }),
    ...(distinct.length > 0 && { distinct }),
  };
}

function toTemplateDocument(template: Omit<Template, 'fingerprint'>): TemplateDocument {
  return {
    id: template.id,
    vector: [...template.vector],
    source_sha256: template.sourceSha256,
    detector: template.detector,
    created: template.created,
  };
}

/** What is left of an identity until the change that it goes in has ended. */
export function toTombstone(id: IdentityId, written: Omit<Written, 'live'>): IdentityDocument {
  const nobody = { ...noFields, id, created: '', updated: '', seen: null, templates: [] };
  return toDocument(nobody, { ...written, live: false });
}

export function toIdentity(document: IdentityDocument): Identity {
  const { template_count: _, ...fields } = fieldsOf(document);
  const { templates, rejections, distinct } = document;
  return {
    ...fields,
    templates: templates.map(toTemplate),
    ...(rejections && { rejections: rejections.map(toTemplate) }),
    ...(distinct && { distinct }),
  };
}

function toTemplate(template: TemplateDocument): Omit<Template, 'fingerprint'> {
  return {
    id: template.id,
    vector: Float32Array.from(template.vector),
    sourceSha256: template.source_sha256,
    detector: template.detector,
    created: template.created,
  };
}

export function toRecord(document: IdentityDocument, fingerprint: string): IdentityRecord {
  const { distinct: _, rejections, ...identity } = toIdentity(document);
  const marked = (templates: Identity['templates']) => templates.map(template => ({ ...template, fingerprint }));
  return {
    ...identity,
    templates: marked(identity.templates),
    ...(rejections && { rejections: marked(rejections) }),
  };
}

/** Without the templates, which need not have been read. */
export type SummaryDocument = Pick<
  IdentityDocument,
  'key' | 'name' | 'metadata' | 'consent' | 'created' | 'updated' | 'seen' | 'template_count'
>;

export const summaryFields = ['key', 'name', 'metadata', 'consent', 'created', 'updated', 'seen', 'template_count'];

export function toSummary(document: SummaryDocument): IdentitySummary {
  const { template_count: templates, ...fields } = fieldsOf(document);
  return { ...fields, templates };
}

function fieldsOf({
  key,
  name,
  metadata,
  consent = null,
  created,
  updated,
  seen = null,
  template_count,
}: SummaryDocument) {
  // Written above, from fields that were checked.
  const read = { metadata: JSON.parse(metadata) as Metadata, consent: JSON.parse(consent ?? 'null') as Consent | null };
  return { id: idOf(key), name, ...read, created, updated, seen, template_count };
}

export function summaryOf({ templates, rejections: _, distinct: __, ...identity }: Identity): IdentitySummary {
  return { ...identity, templates: templates.length };
}
