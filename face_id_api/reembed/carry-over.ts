import { isDeepStrictEqual } from 'node:util';
import { notInStep } from '../store/beside-name.ts';
import type { GalleryModel, IdentityRecord, Template } from '../store/store.ts';
import type { NewFace, PhotoFault } from './embed-templates.ts';

/** `NO_PHOTO`: none of the images has the SHA-256 that the template came from. */
export type LossReason = PhotoFault | 'NO_PHOTO';

/** An identity on its way to the gallery beside. */
export type CarriedIdentity = {
  /** As it is in the gallery. */
  readonly record: IdentityRecord;
  /** By the new model so far, by id. */
  readonly carried: Map<string, Template>;
  /** Templates that no photo was found for yet. */
  readonly pending: Map<string, Template>;
  readonly lost: Map<string, LossReason>;
  /** Whether the gallery beside has it as it is. */
  readonly isInStep: boolean;
};

/** What is left to do for an identity, given what the gallery beside has of it. */
export function startCarrying(record: IdentityRecord, there: IdentityRecord | undefined): CarriedIdentity {
  const known = new Map(there?.templates.map(template => [template.id, template]));
  const carried = new Map<string, Template>();
  const pending = new Map<string, Template>();
  for (const template of record.templates) {
    const twin = known.get(template.id);
    if (twin?.sourceSha256 !== template.sourceSha256) pending.set(template.id, template);
    else carried.set(template.id, withFace(template, twin, twin));
  }
  const work = { record, carried, pending, lost: new Map(), isInStep: false };
  return { ...work, isInStep: there !== undefined && isDeepStrictEqual(fieldsOf(there), fieldsOf(record)) };
}

/** Takes in what a photo gave for one of its templates. */
export function carryTemplate(work: CarriedIdentity, template: Template, face: NewFace, model: GalleryModel): void {
  work.pending.delete(template.id);
  if (typeof face === 'string') work.lost.set(template.id, face);
  else work.carried.set(template.id, withFace(template, face, model));
}

/** Gives up what no photo was found for. */
export function giveUpPending({ pending, lost }: CarriedIdentity): void {
  for (const id of pending.keys()) lost.set(id, 'NO_PHOTO');
  pending.clear();
}

/**
 * The identity as it goes beside: everything that is known of it, with the templates that it has by the new model. Rejected faces stay behind:
 * their vectors are the old model's.
 */
export function toBesideRecord({ record, carried, pending }: CarriedIdentity): IdentityRecord {
  const { rejections: _, ...known } = record;
  return {
    ...known,
    updated: pending.size === 0 ? record.updated : notInStep,
    templates: record.templates.flatMap(({ id }) => carried.get(id) ?? []),
  };
}

function withFace(
  template: Template,
  { vector, detector }: Pick<Template, 'vector' | 'detector'>,
  { fingerprint }: Pick<GalleryModel, 'fingerprint'>,
): Template {
  return { ...template, vector, detector, fingerprint };
}

function fieldsOf({ templates: _, rejections: __, ...fields }: IdentityRecord): object {
  return fields;
}
