import type { Candidate } from '../core/decide.ts';
import type { IdentityFields, IdentityPatch } from '../core/identity-fields.ts';
import type { IdentityId } from '../core/identity-id.ts';
import type { Teaching } from './teaching.ts';

/** The model whose vectors a gallery holds. */
export type GalleryModel = { readonly name: string; readonly fingerprint: string; readonly dimension: number };

/** What a gallery is: `kind` says what its items are, 'face' in the default one. */
export type NewGallery = { readonly name: string; readonly kind: string; readonly model: GalleryModel };

export type GallerySummary = NewGallery & {
  /** ISO 8601, UTC, as all times here. */
  readonly created: string;
  readonly identities: number;
  readonly templates: number;
};

export type NewTemplate = {
  /** Unit vector of the model's dimension. */
  readonly vector: Float32Array;
  /** SHA-256 of the image file that it came from, hex. */
  readonly sourceSha256: string;
  /** The detector that cut the face. */
  readonly detector: string;
};

export type TemplateSummary = Omit<NewTemplate, 'vector'> & {
  /** A UUID, unique in its gallery; a template keeps it when it changes its identity. */
  readonly id: string;
  /** Of the model that made the vector. */
  readonly fingerprint: string;
  readonly created: string;
};

export type Template = TemplateSummary & { readonly vector: Float32Array };

export type Enrolment = {
  readonly id: IdentityId;
  /** At least one. */
  readonly templates: readonly NewTemplate[];
  /** `replace`: the templates that the id had go in the same transaction. `append`: they stay. */
  readonly mode: 'replace' | 'append';
  readonly fields?: IdentityPatch;
};

export type IdentitySummary = IdentityFields & {
  readonly id: IdentityId;
  readonly templates: number;
  readonly created: string;
  /** Another one after whatever is changed of it, so that it tells whether it has been. */
  readonly updated: string;
  /** The day (2026-11-30) of the last recognition that was written down; null for none. */
  readonly seen: string | null;
};

/** An identity with everything that is kept of it, as it is exported and imported. */
export type IdentityRecord = Omit<IdentitySummary, 'templates'> & {
  readonly templates: readonly Template[];
  /** The faces that are not it (`Teaching.reject`); absent: none are exported, and what the id has stays when it is imported. */
  readonly rejections?: readonly Template[];
};

export type Page = {
  readonly limit: number;
  readonly after: IdentityId | null;
  /** Both cases are one, as are compatible characters (`foldName`). `exact` or the beginning of the name. */
  readonly name?: { readonly text: string; readonly match: 'exact' | 'prefix' };
  /** Entries that `metadata` must have, values as text: `12` and `'12'` are found alike. */
  readonly metadata?: Readonly<Record<string, string>>;
};

export type SearchOptions = {
  readonly topK: number;
  /**
   * `template` (the default): an identity's score is the cosine of the nearest of its templates. `person`: that of its person vector,
   * among the identities with the nearest templates, at least four times as many as asked for.
   */
  readonly by?: 'template' | 'person';
  readonly signal: AbortSignal;
};

/** `from`'s templates of these ids become `to`'s. */
export type Move = {
  readonly templates: readonly string[];
  readonly from: IdentityId;
  readonly to: IdentityId;
  /** Whether `to` is made (a split), or has to be there (a re-assignment). */
  readonly toNew: boolean;
  /** What else is to be known of `to`. */
  readonly fields?: IdentityPatch;
};

/** What went, for the receipt of an erasure. Zeros when there was nothing. */
export type Erased = {
  readonly identities: number;
  readonly templates: number;
  /** Where it was, with the number of templates that were there. */
  readonly places: readonly { readonly place: string; readonly templates: number }[];
};

/**
 * How the gallery beside one differs from it, in identities: those that it lacks, those that have changed since they were carried over
 * (their `updated` is another), those of which it has no template while the gallery has some, and those that it has, or has a template
 * of, while the gallery has not.
 */
export type BesideLag = {
  readonly missing: number;
  readonly changed: number;
  readonly bare: number;
  readonly gone: readonly IdentityId[];
};

/** Of the searches that were repeated exactly: how many, and how many had found the nearest template. */
export type RecallCount = { readonly checked: number; readonly found: number };

export type StoreReadiness =
  | { readonly ok: true /** Answers, but not as it should. */; readonly degraded?: string }
  | { readonly ok: false; readonly reason: string };

/** An identity's templates are bounded, so that all of them can be read at once. */
export const maxTemplates = 10_000;

export const defaultGallery = 'default';

/** Lowercase, because it names files and remote indexes too. */
export const galleryNamePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/**
 * The identities of one gallery and their templates; nothing crosses galleries. A write is acknowledged once it is durable, whole or
 * not at all, and is seen by the next search. A removal is acknowledged once nothing of it can be found or is left on the store's
 * own disk. What is asked of an identity that is not there rejects with UNKNOWN_ID, of a template with TEMPLATE_NOT_FOUND, of a
 * gallery with GALLERY_NOT_FOUND; an identity beyond `maxTemplates` with IDENTITY_FULL; search, put and import with MODEL_MISMATCH
 * where the gallery holds another model's templates; where the store wants a consent, what gives templates to somebody without one
 * that holds, or takes it away, with CONSENT_REQUIRED (not `import`, which takes records as they are); anything with STORAGE_FAILED.
 * A caller's own mistakes are RangeErrors.
 */
export type Gallery = Teaching & {
  describe(): Promise<GallerySummary>;
  /**
   * For each probe (unit vectors) the at most `topK` identities with the highest scores, best first; ties by id (`compareIds`). Whose
   * consent has expired is not among them.
   */
  search(probes: readonly Float32Array[], options: SearchOptions): Promise<readonly (readonly Candidate[])[]>;
  /** How many templates the id has afterwards, and the ids of those that were added. An empty gallery takes the present model. */
  put(enrolment: Enrolment): Promise<{ readonly templates: number; readonly added: readonly string[] }>;
  get(id: IdentityId): Promise<IdentitySummary | null>;
  /** In the order of `compareIds`, from the first id behind `after`: pages neither repeat nor skip when others are added. */
  list(page: Page): Promise<{ readonly identities: readonly IdentitySummary[]; readonly hasMore: boolean }>;
  /** In the order in which they were added. */
  listTemplates(id: IdentityId): Promise<readonly TemplateSummary[]>;
  readTemplate(id: IdentityId, template: string): Promise<Template>;
  update(id: IdentityId, patch: IdentityPatch): Promise<IdentitySummary>;
  /** Writes down on which day these were recognised last. It is no change of theirs: `updated` stays; who is gone is left out. */
  see(days: ReadonlyMap<IdentityId, string>): Promise<void>;
  /** IDENTITY_EXISTS where `toNew` names somebody. `from` stays, also without templates. */
  move(change: Move): Promise<{ readonly from: IdentitySummary; readonly to: IdentitySummary }>;
  /** All templates of `from` become `into`'s, and `from` goes with its name and metadata. */
  merge(from: IdentityId, into: IdentityId): Promise<IdentitySummary>;
  /** An identity stays when its last template goes: listed with its name and metadata, found by no search. */
  removeTemplate(id: IdentityId, template: string): Promise<Erased>;
  remove(id: IdentityId): Promise<Erased>;
  removeAll(): Promise<Erased>;
  /**
   * Makes each identity as it is in its record, in place of the one that had its id, all of them durable together or none.
   * TEMPLATE_EXISTS where a template's id is another identity's.
   */
  import(records: readonly IdentityRecord[]): Promise<void>;
  /**
   * Everybody, in the order of `compareIds`. Each identity is whole, as it was when it was read; what changes meanwhile may or may not
   * be in it.
   */
  export(): AsyncIterable<IdentityRecord>;
};

/** Galleries, and what holds for all of them. The one named `defaultGallery` is always there. */
export type Store = {
  /** The gallery of this name, whether it is there or not: its operations tell. */
  gallery(name: string): Gallery;
  /** The same again changes nothing; GALLERY_EXISTS where one of the name is of another kind, or holds another model's templates. */
  createGallery(gallery: NewGallery): Promise<GallerySummary>;
  /** By name. */
  listGalleries(): Promise<readonly GallerySummary[]>;
  /** Zeros when there is none. The default gallery is emptied and stays. */
  deleteGallery(name: string): Promise<Erased>;
  /** GALLERY_NOT_FOUND where there is no such gallery, or none beside it (`besideOf`). */
  compareBeside(name: string): Promise<BesideLag>;
  /**
   * Makes the named gallery hold vectors of the model with this fingerprint, by exchanging its name with that of the one beside it in one
   * step; nothing where it does already, so that the same again changes nothing. GALLERY_BEHIND where the two differ and `evenIfBehind`
   * is not given; people who are gone from the gallery are erased beside it, and go along in no case. MODEL_MISMATCH where the
   * one beside it holds yet another model's.
   */
  switchBeside(name: string, to: string, options?: { readonly evenIfBehind?: boolean }): Promise<void>;
  recall(): RecallCount;
  ready(): Promise<StoreReadiness>;
  close(): Promise<void>;
};
