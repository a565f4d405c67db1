/** What an operator can do something about, in words. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'is a folder, where a file is expected',
  ENOTDIR: 'a file stands where a folder is expected',
  EEXIST: 'exists already',
  ENOSPC: 'no space left',
  EDQUOT: 'the quota is used up',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the disk reports an error',
  EPIPE: 'nobody reads it any longer',
};

type SystemError = Error & { readonly code: string; readonly syscall: string; path?: string };

/** What the operating system refused, in a sentence with the path; null for any other error, and for one that is our own fault. */
export function systemErrorText(error: unknown): string | null {
  if (!isSystemError(error)) return null;
  const { syscall, path, message } = error;
  const reason = reasonOf(error);
  if (reason !== undefined) return `${path ?? syscall}: ${reason}`;
  return path === undefined || message.includes(path) ? message : `${path}: ${message}`;
}

/** Why, for whoever has named the path; the error's own message where there are no words for it. */
export function systemReason(error: unknown): string {
  const reason = isSystemError(error) ? reasonOf(error) : undefined;
  return reason ?? (error instanceof Error ? error.message : String(error));
}

function reasonOf({ code, syscall }: SystemError): string | undefined {
  // mkdir finds no fault with a folder that is there.
  return code === 'EEXIST' && syscall === 'mkdir' ? reasons.ENOTDIR : reasons[code];
}

/** The error, which now names its file: those of reading and writing know only a descriptor. */
export function withPath(error: unknown, file: string): unknown {
  if (isSystemError(error)) error.path ??= file;
  return error;
}

/** As Node makes them of errno. A descriptor that is none is a mistake of this program. */
function isSystemError(error: unknown): error is SystemError {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return false;
  const { code, syscall } = error;
  return typeof code === 'string' && typeof syscall === 'string' && /^E[A-Z0-9]+$/.test(code) && code !== 'EBADF';
}
