import { ServiceError } from '../../detector/errors.ts';
import { invalidRequest } from '../../detector/http/problem-json.ts';
import { FieldError } from '../core/field-error.ts';
import { type IdentityId, isTooLarge, largestIntegerId, parsePathId } from '../core/identity-id.ts';
import { pathIdExpected } from './schemas.ts';

/**
 * The id in a path.
 * @throws ServiceError INVALID_REQUEST where the segment is no id of the type
 */
export function pathId(segment: string, type: 'integer' | 'string' | undefined): IdentityId {
  const id = parsePathId(segment, type);
  if (id !== null) return id;
  throw invalidRequest([{ path: 'params.id', message: expectation(segment, type) }]);
}

function expectation(segment: string, type: 'integer' | 'string' | undefined): string {
  if (isTooLarge(segment, type))
    return `integers end at ${largestIntegerId}; ?type=string asks for the string of these digits`;
  return type === 'integer' ? 'expected an integer from 0 to 2^53 - 1' : pathIdExpected;
}

/**
 * Where a request means two identities; `path` is the place of one of them.
 * @throws ServiceError INVALID_REQUEST where they are the same
 */
export function expectOther(path: string, id: IdentityId, other: IdentityId): void {
  if (id === other) throw invalidRequest([{ path, message: 'expected the id of another identity' }]);
}

export function unknownId(): ServiceError {
  return new ServiceError(
    'UNKNOWN_ID',
    'Nobody is enrolled under this id. Digits mean the integer; ?type=string asks for the string',
  );
}

/** Runs work on what a request gave; where the store says that a value is out of its bounds, that is the request's fault. */
export async function onGivenValues<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidRequest([
      error instanceof FieldError
        ? { path: `body.${error.field}`, message: error.expected }
        : { path: 'body', message: error.message },
    ]);
  }
}
