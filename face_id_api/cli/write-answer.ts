import { FaceIdError } from '../client/face-id-error.ts';
import { refusalsOf } from '../client/refusals-of.ts';
import { CliError } from './cli-error.ts';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';

/** What `--json` prints, whatever the command and however it ends. */
export type JsonAnswer = {
  readonly command: string;
  readonly exit_code: ExitCode;
  /** Null where the command came to nothing. */
  readonly result: unknown;
  /** Null where it did not fail. */
  readonly error: JsonError | null;
};

export type JsonError = {
  /** A code of docs/errors.md, the SDK's, or the command line's own. */
  readonly code: string;
  readonly message: string;
  /** HTTP status; null where nothing was answered. */
  readonly status: number | null;
  /** Finds the request in the service's log. */
  readonly request_id: string | null;
  /** With NO_FACE_ENROLLED: what was wrong with each photo. */
  readonly refused?: readonly unknown[];
};

/** Who typed the command wants to know what to do next. */
const remedies: Readonly<Record<string, string>> = {
  UNREACHABLE: 'Start it with `face-id serve`, or say where it is: --url, or FACE_ID_URL.',
  UNEXPECTED_REPLY: 'Say where face-id is: --url, or FACE_ID_URL.',
  UNAUTHENTICATED: 'Put a key into FACE_ID_API_KEY; `face-id keys add NAME` makes one on the machine of the service.',
  FORBIDDEN: 'Put a key with this scope into FACE_ID_API_KEY.',
  GALLERY_NOT_FOUND: '--gallery names it; a new one is made by PUT /galleries/NAME.',
};

export function toJson(command: string, exitCode: ExitCode, result: unknown): string {
  return `${JSON.stringify({ command, exit_code: exitCode, result, error: null } satisfies JsonAnswer)}\n`;
}

export function errorToJson(command: string, error: unknown): string {
  const answer: JsonAnswer = { command, exit_code: exitCodeOf(error), result: null, error: toJsonError(error) };
  return `${JSON.stringify(answer)}\n`;
}

export function toJsonError(error: unknown): JsonError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CliError) return { code: error.code, message, status: null, request_id: null };
  if (!(error instanceof FaceIdError)) return { code: 'FAILED', message, status: null, request_id: null };
  const { code, status, requestId: request_id } = error;
  const refused = refusalsOf(error);
  return { code, message, status, request_id, ...(refused.length > 0 && { refused }) };
}

/** The error in lines for people: what happened, what was wrong with each photo, what to do. */
export function errorToText(error: unknown): string {
  if (!(error instanceof FaceIdError)) return `${error instanceof Error ? error.message : String(error)}\n`;
  const remedy = remedies[error.code];
  const refused = refusalsOf(error).map(({ index, code, reason }) => `  photo ${index + 1}: ${code}: ${reason}`);
  const request = error.requestId === null ? [] : [`(${error.code}, request ${error.requestId})`];
  return `${[error.message, ...refused, ...request, ...(remedy === undefined ? [] : [remedy])].join('\n')}\n`;
}
