import { searchBounds } from '../config.ts';
import type { SearchLimits } from '../face-finder.ts';
import { queryNumber } from './query-number.ts';

/** The query parameters that say how a photo is searched, in place of the configured values and within the same bounds. */
export const searchQueryShape = {
  max_side: queryNumber(searchBounds.max_side)
    .optional()
    .describe('Longest side that is looked at, in pixels; larger photos are scaled down. 0: full resolution.'),
  min_face_size: queryNumber(searchBounds.min_face_size)
    .optional()
    .describe("Smallest face that is looked for, in the photo's own pixels."),
  max_faces: queryNumber(searchBounds.max_faces).optional().describe('Answers with this many faces, the largest.'),
};

type SearchQuery = {
  readonly max_side?: number | undefined;
  readonly min_face_size?: number | undefined;
  readonly max_faces?: number | undefined;
};

export function toSearchLimits({ max_side, min_face_size, max_faces }: SearchQuery): SearchLimits {
  return { maxSide: max_side, minFaceSize: min_face_size, maxFaces: max_faces };
}

export function toSearchQuery({ maxSide, minFaceSize, maxFaces }: SearchLimits): SearchQuery {
  return { max_side: maxSide, min_face_size: minFaceSize, max_faces: maxFaces };
}
