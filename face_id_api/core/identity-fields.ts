import { type Consent, expectConsent } from './consent.ts';
import { FieldError } from './field-error.ts';

/** What is known of an identity besides its templates: flat, so that every entry can be searched for. */
export type Metadata = Readonly<Record<string, string | number | boolean>>;

export type IdentityFields = {
  readonly name: string | null;
  readonly metadata: Metadata;
  /** Null where none was written down. */
  readonly consent: Consent | null;
};

/**
 * A change to them, as JSON Merge Patch (RFC 7396) has it: what is absent stays, null clears, an entry of `metadata` that is null
 * goes, and the others are added or replaced. A consent comes whole, so that nobody is left with half of two.
 */
export type IdentityPatch = {
  readonly name?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>> | null | undefined;
  readonly consent?: Consent | null | undefined;
};

/** Characters are UTF-16 code units. */
export const fieldLimits = { nameLength: 256, metadataEntries: 32, textLength: 256 } as const;

export const metadataKeyPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const noFields: IdentityFields = { name: null, metadata: {}, consent: null };

/**
 * The fields after a change.
 * @throws FieldError where the result is out of bounds: an empty, long or ill-formed text, a key out of pattern, too many entries, a
 *   consent that ends before it begins
 */
export function patchFields(fields: IdentityFields, patch: IdentityPatch): IdentityFields {
  const name = patch.name === undefined ? fields.name : patch.name;
  if (name !== null) expectText('name', name, 1, fieldLimits.nameLength);
  const kept = patch.metadata === null ? {} : { ...fields.metadata, ...patch.metadata };
  const entries = Object.entries(kept).filter(entry => entry[1] !== null) as [string, string | number | boolean][];
  if (entries.length > fieldLimits.metadataEntries) {
    throw new FieldError('metadata', `expected at most ${fieldLimits.metadataEntries} entries, got ${entries.length}`);
  }
  for (const [key, value] of entries) expectEntry(key, value);
  const consent = patch.consent === undefined ? fields.consent : patch.consent;
  if (consent !== null) expectConsent(consent);
  return { name, metadata: Object.fromEntries(entries), consent };
}

/** The form in which names are compared: compatible characters and both cases are one. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

function expectEntry(key: string, value: string | number | boolean): void {
  if (!metadataKeyPattern.test(key)) {
    throw new FieldError('metadata', 'expected keys of 1 to 64 characters of [A-Za-z0-9._-], a letter or digit first');
  }
  if (typeof value === 'string') expectText(`metadata.${key}`, value, 0, fieldLimits.textLength);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new FieldError(`metadata.${key}`, 'expected a finite number');
}

function expectText(subject: string, text: string, min: number, max: number): void {
  if (text.length < min || text.length > max) {
    throw new FieldError(subject, `expected ${min} to ${max} characters, got ${text.length}`);
  }
  if (!text.isWellFormed()) throw new FieldError(subject, 'expected well-formed Unicode');
}
