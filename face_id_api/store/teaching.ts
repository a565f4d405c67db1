import type { IdentityId } from '../core/identity-id.ts';
import type { Enrolment, Erased, NewTemplate, TemplateSummary } from './store.ts';

/** Faces that one identity can be said not to be: all of them are compared whenever it is a candidate. */
export const maxRejections = 200;

/** Others that one identity can be told apart from. */
export const maxDistinct = 1000;

/** A person vector (`core/person-vector.ts`) and whose it is. */
export type Person = { readonly id: IdentityId; readonly vector: Float32Array };

/** A face that nobody was found for. */
export type NewUnknown = {
  /** Unit vector of the model's dimension. */
  readonly vector: Float32Array;
  readonly detector: string;
  /** ISO 8601, UTC. */
  readonly seen: string;
};

/** `id` is a UUID, unique in its gallery. */
export type UnknownFace = NewUnknown & { readonly id: string };

export type WhichUnknowns =
  | { readonly ids: readonly string[] }
  /** Those that were seen before this time. */
  | { readonly seenBefore: string };

/**
 * What people teach a gallery beside whom they enrol. As its other calls: durable when acknowledged, whole or not at all; vectors are the
 * gallery's model's, and when an empty gallery takes another model those of the old one go.
 */
export type Teaching = {
  /**
   * These faces are not this identity, though it may be the nearest: `search` says how near they are (`Candidate.rejection`).
   * ENROLLED_FACE where a template of the identity is of the same image, IDENTITY_FULL beyond `maxRejections`. A template that comes
   * later from the same image makes such a face go.
   */
  reject(id: IdentityId, faces: readonly NewTemplate[]): Promise<readonly TemplateSummary[]>;
  /** In the order in which they were added. */
  listRejections(id: IdentityId): Promise<readonly TemplateSummary[]>;
  /** REJECTION_NOT_FOUND where there is none of the id. */
  removeRejection(id: IdentityId, rejection: string): Promise<Erased>;

  /** Everybody who has templates and no consent that has expired, as `Gallery.list` pages. `next`: the last one looked at, null at the end. */
  people(page: { readonly limit: number; readonly after: IdentityId | null }): Promise<{
    readonly people: readonly Person[];
    readonly next: IdentityId | null;
  }>;
  /** Remembers that these are two people, or forgets it. The same again changes nothing. IDENTITY_FULL beyond `maxDistinct`. */
  setDistinct(a: IdentityId, b: IdentityId, areTwo: boolean): Promise<void>;
  /** Who is known to be somebody else, in the order of `compareIds`. */
  listDistinct(id: IdentityId): Promise<readonly IdentityId[]>;

  /** Keeps faces; of more than `most` together the oldest go. */
  keepUnknowns(faces: readonly NewUnknown[], most: number): Promise<void>;
  /** Those that were seen at `since` or later, the oldest first. */
  listUnknowns(since: string): Promise<readonly UnknownFace[]>;
  /** When the oldest was seen; null where there is none. */
  oldestUnknown(): Promise<string | null>;
  /** Enrols, and takes away the unknown faces that it is made of. CLUSTER_NOT_FOUND where none of them is there any more. */
  enrolUnknowns(enrolment: Enrolment, ids: readonly string[]): Promise<{ readonly templates: number }>;
  removeUnknowns(which: WhichUnknowns): Promise<Erased>;
};
