import { ServiceError } from '../../detector/errors.ts';
import { holds, isExpired } from '../core/consent.ts';
import type { IdentityFields } from '../core/identity-fields.ts';
import type { IdentityId } from '../core/identity-id.ts';
import {
  type BesideLag,
  type Erased,
  type GalleryModel,
  galleryNamePattern,
  maxTemplates,
  type NewGallery,
} from './store.ts';
import { maxDistinct, maxRejections } from './teaching.ts';

/** What every store refuses, in the same words. */

export const nothingErased: Erased = { identities: 0, templates: 0, places: [] };

/** @throws RangeError */
export function expectGallery({ name, kind, model }: NewGallery): void {
  if (!galleryNamePattern.test(name) || !galleryNamePattern.test(kind)) {
    throw new RangeError('name, kind: expected 1 to 64 characters of [a-z0-9_-], a letter or digit first');
  }
  if (!Number.isSafeInteger(model.dimension) || model.dimension < 1) {
    throw new RangeError(`dimension: expected a positive integer, got ${model.dimension}`);
  }
}

/** @throws RangeError */
export function expectTwo(from: IdentityId, to: IdentityId): void {
  if (from === to) throw new RangeError('ids: expected two different ones');
}

/** @throws RangeError */
export function expectTemplates(templates: readonly { readonly vector: Float32Array }[], dimension: number): void {
  for (const { vector } of templates) expectVector(vector, dimension);
}

/** @throws RangeError */
export function expectVector(vector: Float32Array, dimension: number): void {
  if (vector.length !== dimension) throw new RangeError(`vector: expected ${dimension} values, got ${vector.length}`);
  if (!vector.every(Number.isFinite)) throw new RangeError('vector: expected finite values');
}

/** @throws ServiceError IDENTITY_FULL where an identity would have more than `maxTemplates` */
export function expectRoom(count: number): void {
  if (count <= maxTemplates) return;
  const message = `An identity may have at most ${maxTemplates} templates, this would make ${count}`;
  throw new ServiceError('IDENTITY_FULL', message);
}

/** @throws ServiceError IDENTITY_FULL where an identity would have more than `maxRejections` */
export function expectRejectionRoom(count: number): void {
  if (count <= maxRejections) return;
  const message = `An identity may have at most ${maxRejections} rejected faces, this would make ${count}`;
  throw new ServiceError('IDENTITY_FULL', message);
}

/** @throws ServiceError IDENTITY_FULL where an identity would be told apart from more than `maxDistinct` */
export function expectDistinctRoom(count: number): void {
  if (count <= maxDistinct) return;
  const message = `An identity may be told apart from at most ${maxDistinct} others, this would make ${count}`;
  throw new ServiceError('IDENTITY_FULL', message);
}

type OfImage = { readonly sourceSha256: string };

/** @throws ServiceError ENROLLED_FACE where one of the templates is of the same image as a face that is to be rejected */
export function expectNotEnrolled(
  faces: readonly OfImage[],
  templates: readonly (OfImage & { readonly id: string })[],
): void {
  const images = new Set(faces.map(({ sourceSha256 }) => sourceSha256));
  const same = templates.filter(({ sourceSha256 }) => images.has(sourceSha256)).map(({ id }) => id);
  if (same.length === 0) return;
  const message =
    'The identity was enrolled with this face: erase that template, or give it to whom it shows; `templates` names it';
  throw new ServiceError('ENROLLED_FACE', message, { extra: { templates: same } });
}

/** The rejected faces that stay beside these templates: what is enrolled from an image wins. */
export function withoutEnrolled<T extends OfImage>(rejections: readonly T[], templates: readonly OfImage[]): T[] {
  const images = new Set(templates.map(({ sourceSha256 }) => sourceSha256));
  return rejections.filter(({ sourceSha256 }) => !images.has(sourceSha256));
}

type Named = Pick<GalleryModel, 'name' | 'fingerprint'>;

const short = ({ name, fingerprint }: Named): string => `'${name}' (fingerprint ${fingerprint.slice(0, 12)})`;

/** The service embeds with another model than the gallery's. */
export function modelMismatch(owner: Named, model: Named): ServiceError {
  return new ServiceError(
    'MODEL_MISMATCH',
    `The gallery holds templates of model ${short(owner)}, this service embeds with ${short(model)}, and their scores mean ` +
      `nothing to each other: set models.embedder to ${owner.name}, or carry the gallery over by "npm run gallery -- reembed" and ` +
      '"npm run gallery -- switch" (docs/changing-the-model.md), or name another data_dir, or empty the gallery with ' +
      'DELETE /identities?confirm=all and enrol again',
  );
}

/** A gallery is given vectors of another model, of which only the fingerprint is known, or vectors of its own that the service does not make. */
export function vectorsMismatch(owner: Named, model: Named, fingerprint: string): ServiceError {
  if ([owner.fingerprint, model.fingerprint].includes(fingerprint)) return modelMismatch(owner, model);
  return new ServiceError(
    'MODEL_MISMATCH',
    `The gallery takes templates of model ${short(owner)}, and those that were given come from another model, whose fingerprint begins with ` +
      `${fingerprint.slice(0, 12)}; their scores mean nothing to each other: embed the photos with ${owner.name}, or carry the gallery ` +
      'over to the other model by "npm run gallery -- reembed" (docs/changing-the-model.md)',
  );
}

export function unknownId(): ServiceError {
  return new ServiceError('UNKNOWN_ID', 'Nobody is enrolled under this id');
}

export function templateNotFound(): ServiceError {
  return new ServiceError('TEMPLATE_NOT_FOUND', 'The identity has no template of this id');
}

export function rejectionNotFound(): ServiceError {
  return new ServiceError('REJECTION_NOT_FOUND', 'The identity has no rejected face of this id');
}

export function clusterNotFound(): ServiceError {
  return new ServiceError(
    'CLUSTER_NOT_FOUND',
    'The unknown faces have changed since they were grouped: list them again',
  );
}

export function identityExists(): ServiceError {
  return new ServiceError('IDENTITY_EXISTS', 'The new id is enrolled already');
}

export function templateExists(): ServiceError {
  const message = 'A template of the import has an id that another identity has given';
  return new ServiceError('TEMPLATE_EXISTS', message);
}

export function galleryNotFound(): ServiceError {
  return new ServiceError('GALLERY_NOT_FOUND', 'There is no gallery of this name');
}

export function galleryExists(): ServiceError {
  const message = "A gallery of this name is there, of another kind or with another model's templates";
  return new ServiceError('GALLERY_EXISTS', message);
}

/** What a store wants of the consents of those whose templates it takes. Both throw ServiceError CONSENT_REQUIRED. */
export type ConsentRule = {
  /** Before somebody with these fields gets templates. */
  readonly enrol: (fields: IdentityFields) => void;
  /** Before somebody's fields are changed: a consent that ends is a withdrawal, one that is gone proves nothing any more. */
  readonly change: (before: IdentityFields, after: IdentityFields) => void;
};

export function consentRule(isRequired: boolean, now: () => Date): ConsentRule {
  if (!isRequired) return { enrol: () => {}, change: () => {} };
  return {
    enrol({ consent }) {
      const at = now().getTime();
      if (holds(consent, at)) return;
      if (consent === null) throw consentRequired('there is none');
      const reason = isExpired(consent, at) ? 'has expired' : 'was given at a time that is still to come';
      throw consentRequired(`the one that there is ${reason}`);
    },
    change(before, after) {
      if (before.consent === null || after.consent !== null) return;
      throw consentRequired('it cannot be taken away: to withdraw it set its expires, or erase the identity');
    },
  };
}

export function consentRequired(reason: string): ServiceError {
  return new ServiceError('CONSENT_REQUIRED', `Enrolment wants a consent that holds, and ${reason}`);
}

/**
 * Whether a switch has something to do.
 * @throws ServiceError MODEL_MISMATCH where the gallery beside is not what is to be switched to
 */
export function needsSwitch(main: Named, beside: Named, to: string): boolean {
  if (main.fingerprint === to) return false;
  if (beside.fingerprint === to) return true;
  const message = `The gallery beside holds templates of model '${beside.name}', not of the one that is to be switched to`;
  throw new ServiceError('MODEL_MISMATCH', message);
}

/** @throws ServiceError GALLERY_BEHIND where a switch would lose somebody, or something of them */
export function expectInStep({ missing, changed, bare }: BesideLag): void {
  if (missing + changed + bare === 0) return;
  const reasons = [
    missing > 0 && `${missing} identities are not in it`,
    changed > 0 && `${changed} have changed since they were carried over`,
    bare > 0 && `${bare} have no template in it and would not be recognised`,
  ].filter(reason => reason !== false);
  throw new ServiceError(
    'GALLERY_BEHIND',
    `The gallery beside is behind: ${reasons.join(', ')}. Run "npm run gallery -- reembed" again, or switch with force`,
    { extra: { behind: { missing, changed, bare } } },
  );
}
