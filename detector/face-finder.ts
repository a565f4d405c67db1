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

export type FoundFaces = {
  /** The upright photo's size in pixels (EXIF orientation applied). */
  readonly image: { readonly width: number; readonly height: number };
  /** Name of the detector that looked. */
  readonly detector: string;
  /** Largest box first. */
  readonly faces: readonly DetectedFace[];
  /** UINT8 [n, 3, s, s], RGB planes, in the order of `faces`; null when no crop was asked for. */
  readonly crops: Uint8Array | null;
};

/** Image bytes in, aligned faces out. In process (`createFaceFinder`) or at an address (`face_id_api/http-face-finder.ts`). */
export type FaceFinder = {
  /** Rejects with `ServiceError`: the image's fault (4xx codes), DEADLINE, OVERLOADED or DEPENDENCY_DOWN. */
  find(imageBytes: Uint8Array, request: FindRequest, options: { readonly signal: AbortSignal }): Promise<FoundFaces>;
  /** The detector's name when it can work, or why it cannot. */
  ready(): Promise<{ readonly ok: true; readonly detector: string } | { readonly ok: false; readonly reason: string }>;
  close(): Promise<void>;
};
