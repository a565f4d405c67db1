import type { FaceIdError } from './face-id-error.ts';

export type Refusal = {
  readonly index: number;
  readonly code: string;
  readonly reason: string;
  /** All that is wrong with the face; absent where the image itself is at fault. */
  readonly reasons?: readonly string[];
};

/** What was wrong with each image of an enrolment that came to nothing; none for any other error. */
export function refusalsOf({ problem }: FaceIdError): Refusal[] {
  return (problem?.refused ?? []).filter(isRefusal);
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'index' in value && 'code' in value && 'reason' in value;
}
