import type { Candidate } from '../core/decide.ts';
import type { IdentityId } from '../core/identity-id.ts';

/** The model whose vectors a gallery holds. */
export type GalleryModel = { readonly name: string; readonly fingerprint: string; readonly dimension: number };

export type NewTemplate = {
  /** Unit vector of the model's dimension. */
  readonly vector: Float32Array;
  /** SHA-256 of the image file that it came from, hex. */
  readonly sourceSha256: string;
  /** The detector that cut the face. */
  readonly detector: string;
};

export type Enrolment = {
  readonly id: IdentityId;
  /** At least one. */
  readonly templates: readonly NewTemplate[];
  /** `replace`: what the id had goes in the same transaction. `append`: it stays. */
  readonly mode: 'replace' | 'append';
};

export type IdentitySummary = {
  readonly id: IdentityId;
  readonly templates: number;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly updated: string;
};

export type Removed = { readonly identities: number; readonly templates: number };

/**
 * Enrolled identities and their templates, of one gallery and one model. A write is acknowledged once it is durable, whole or not
 * at all, and is seen by the next search. Rejects with `ServiceError`: MODEL_MISMATCH (search and put while the gallery holds
 * another model's templates; listing and removing still work) or STORAGE_FAILED.
 */
export type Store = {
  /**
   * For each probe (unit vectors), the at most `topK` identities with the highest scores, best first; an identity's score is the
   * cosine of the nearest of its templates; ties by id (`compareIds`). Exact.
   */
  search(
    probes: readonly Float32Array[],
    topK: number,
    limits: { readonly signal: AbortSignal },
  ): Promise<readonly (readonly Candidate[])[]>;
  /** How many templates the id has afterwards. */
  put(enrolment: Enrolment): Promise<{ readonly templates: number }>;
  get(id: IdentityId): Promise<IdentitySummary | null>;
  /** In the order of `compareIds`, from the first id behind `after`: pages neither repeat nor skip when others are added. */
  list(page: {
    readonly limit: number;
    readonly after: IdentityId | null;
  }): Promise<{ readonly identities: readonly IdentitySummary[]; readonly hasMore: boolean }>;
  /** Removes an identity with its templates; zeros when there is none. */
  remove(id: IdentityId): Promise<Removed>;
  /** Empties the gallery, which then takes the templates of the present model. */
  removeAll(): Promise<Removed>;
  /** How many identities and templates there are. */
  size(): Promise<{ readonly identities: number; readonly templates: number }>;
  ready(): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;
  close(): Promise<void>;
};
