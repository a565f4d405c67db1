/** What the pool posts to a worker: a job for when those before it have ended, or the order to release every session and end. */
export type ToWorker =
  | { readonly kind: 'run'; readonly job: string; readonly input: unknown }
  | { readonly kind: 'close' };

/** A job's error as it crosses threads: structured cloning alone would lose `code` and subclass names. */
export type JobFailure = {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
};

export type FromWorker =
  | { readonly kind: 'done'; readonly output: unknown }
  | { readonly kind: 'failed'; readonly failure: JobFailure };

export function toJobFailure(error: unknown): JobFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, code: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, message: error.message, stack: error.stack, code };
}

/** The error again, in the thread that asked: `name`, `message`, `stack` and `code` as they were. */
export function fromJobFailure({ name, message, stack, code }: JobFailure): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}
