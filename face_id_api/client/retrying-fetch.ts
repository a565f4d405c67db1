import { FaceIdError, isProblem, retryAfterOf } from './face-id-error.ts';

export type RetryingFetchOptions = {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Milliseconds for one attempt: until the whole reply is there, of an export until it begins. */
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Aborts every request. */
  readonly signal: AbortSignal | null;
  /** From 0 to below 1. */
  readonly random: () => number;
};

/** What reads, or leaves the same behind when it is done twice. */
const repeatable = /^(GET|HEAD|PUT|PATCH) |^POST \S*\/(infer|embeddings|verify)$/;
const firstDelayMs = 250;
const maxDelayMs = 8000;
/** A service that wants more time than this is not waited for. */
const maxRetryAfterMs = 60_000;

/**
 * fetch with a deadline and with repetitions, after a random part of a delay that doubles, and never before `Retry-After`. 429
 * RATE_LIMITED and 503 OVERLOADED say that nothing was done: these are asked again whatever they were. Any other 503 is asked again only where
 * doing it twice does no harm. A body that is a stream is sent once.
 * @throws FaceIdError UNREACHABLE or TIMEOUT; the signal's reason where the caller gave up
 */
export function createRetryingFetch(options: RetryingFetchOptions): (request: Request) => Promise<Response> {
  const { retries, signal, random } = options;
  return async given => {
    const abort = signal === null ? given.signal : AbortSignal.any([signal, given.signal]);
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt >= retries || isArchive(given.headers);
      const response = await fetchOnce(isLast ? given : given.clone(), abort, options);
      if (isLast || !(await mayAskAgain(given, response))) return response;
      const retryAfterMs = retryAfterOf(response) ?? 0;
      if (retryAfterMs > maxRetryAfterMs) return response;
      await response.body?.cancel();
      const jittered = random() * Math.min(maxDelayMs, firstDelayMs * 2 ** attempt);
      await waitFor(retryAfterMs + jittered, abort);
    }
  };
}

async function fetchOnce(request: Request, abort: AbortSignal, options: RetryingFetchOptions): Promise<Response> {
  const { timeoutMs } = options;
  const deadline = new AbortController();
  const late = new FaceIdError('TIMEOUT', `The service did not answer within ${timeoutMs} ms`);
  const timer = setTimeout(() => deadline.abort(late), timeoutMs);
  try {
    const response = await options.fetch(new Request(request, { signal: AbortSignal.any([abort, deadline.signal]) }));
    // How long a gallery takes to be written depends on its size.
    const whole = isArchive(response.headers) ? response : await readWhole(response);
    clearTimeout(timer);
    return whole;
  } catch (cause) {
    clearTimeout(timer);
    if (deadline.signal.aborted) throw late;
    abort.throwIfAborted();
    throw unreachable(request.url, cause);
  }
}

function isArchive(headers: Headers): boolean {
  return headers.get('content-type')?.startsWith('application/x-ndjson') ?? false;
}

async function readWhole(response: Response): Promise<Response> {
  const { status, headers } = response;
  const body = await response.arrayBuffer();
  return new Response(body.byteLength === 0 ? null : body, { status, headers });
}

/** The error of a request whose connection failed, before its reply or amid it. */
export function unreachable(url: string, cause: unknown): FaceIdError {
  const { origin } = new URL(url);
  return new FaceIdError('UNREACHABLE', `${origin} does not answer: ${reasonOf(cause)}`, { cause });
}

/** fetch says only that it failed; what failed is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}

async function mayAskAgain(request: Request, response: Response): Promise<boolean> {
  if (response.status === 429) return true;
  if (response.status !== 503) return false;
  const { pathname } = new URL(request.url);
  // Its 503 is the answer.
  if (pathname.endsWith('/readyz')) return false;
  if (repeatable.test(`${request.method} ${pathname}`)) return true;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return isProblem(body) && body.code === 'OVERLOADED';
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
