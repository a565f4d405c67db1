import { FaceIdError } from '../client/face-id-error.ts';
import { refusalsOf } from '../client/refusals-of.ts';
import { CliError } from './cli-error.ts';

/** How every command of `face-id` ends. docs/cli.md lists the same, and a test compares them. */
export const exitCodes = {
  done: 0,
  /** The service refused, or something failed. */
  failed: 1,
  /** An option or argument is wrong; nothing was asked. */
  usage: 2,
  /** No service answers, or it is too busy: the same may work later. */
  unavailable: 3,
  /** No face, or no such identity, template or gallery. */
  notFound: 4,
  /** The answer is no: `verify` does not say that it is the same person. */
  no: 5,
  /** The API key is missing, unknown, or not for this. */
  forbidden: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const exitCodeOfService: Readonly<Record<string, ExitCode>> = {
  UNREACHABLE: exitCodes.unavailable,
  TIMEOUT: exitCodes.unavailable,
  UNEXPECTED_REPLY: exitCodes.unavailable,
  OVERLOADED: exitCodes.unavailable,
  RATE_LIMITED: exitCodes.unavailable,
  DEPENDENCY_DOWN: exitCodes.unavailable,
  NO_FACE: exitCodes.notFound,
  UNKNOWN_ID: exitCodes.notFound,
  TEMPLATE_NOT_FOUND: exitCodes.notFound,
  GALLERY_NOT_FOUND: exitCodes.notFound,
  REJECTION_NOT_FOUND: exitCodes.notFound,
  CLUSTER_NOT_FOUND: exitCodes.notFound,
  UNAUTHENTICATED: exitCodes.forbidden,
  FORBIDDEN: exitCodes.forbidden,
};

/** How a command ends with this error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (!(error instanceof FaceIdError)) return exitCodes.failed;
  if (error.code === 'NO_FACE_ENROLLED' && refusalsOf(error).every(({ code }) => code === 'NO_FACE')) {
    return exitCodes.notFound;
  }
  return exitCodeOfService[error.code] ?? exitCodes.failed;
}
