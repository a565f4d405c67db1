import type { CropName } from '../triton/core/crop-spec.ts';
import type { DetectedFace } from './core/detected-face.ts';

/** How a photo is searched, within `searchBounds`; absent values are the configured ones. */
export type SearchLimits = {
  /** Longest side that is looked at, in pixels; 0: full resolution. */
  readonly maxSide?: number | undefined;
  /** Smallest face that is looked for, in the photo's own pixels. */
  readonly minFaceSize?: number | undefined;
  /** Only this many, the largest. */
  readonly maxFaces?: number | undefined;
};

/** What may differ from request to request. */
export type FindRequest = SearchLimits & {
  /** Cut the faces for this crop specification; null: boxes and landmarks only. */
  readonly crop: CropName | null;
};

/** What a search for faces spends its time on: waiting for a place and a thread, decoding, the networks, cutting crops. */
export const findStages = ['wait', 'decode', 'detect', 'align'] as const;

export type FindStage = (typeof findStages)[number];

export type FindSeconds = Readonly<Partial<Record<FindStage, number>>>;

export type FoundFaces = {
  /** The upright photo's size in pixels (EXIF orientation applied). */
  readonly image: { readonly width: number; readonly height: number };
  /** Name of the detector that looked. */
  readonly detector: string;
  /** Largest box first. */
  readonly faces: readonly DetectedFace[];
  /** UINT8 [n, 3, s, s], RGB planes, in the order of `faces`; null when no crop was asked for. */
  readonly crops: Uint8Array | null;
  /** Seconds by stage; a stage that is not known is absent. */
  readonly seconds?: FindSeconds;
};

export type FindOptions = {
  readonly signal: AbortSignal;
  /** Of the request that the photo came with; a detector elsewhere logs under it. */
  readonly requestId?: string | undefined;
};

/** Image bytes in, aligned faces out. In process (`createFaceFinder`) or at an address (`face_id_api/http-face-finder.ts`). */
export type FaceFinder = {
  /** Rejects with `ServiceError`: the image's fault (4xx codes), DEADLINE, OVERLOADED or DEPENDENCY_DOWN. */
  find(imageBytes: Uint8Array, request: FindRequest, options: FindOptions): Promise<FoundFaces>;
  /** The detector's name when it can work, or why it cannot. */
  ready(): Promise<{ readonly ok: true; readonly detector: string } | { readonly ok: false; readonly reason: string }>;
  /** Photos that wait for a place, and jobs that wait for a thread; absent where the detector is elsewhere. */
  waiting?(): { readonly photos: number; readonly jobs: number };
  close(): Promise<void>;
};
