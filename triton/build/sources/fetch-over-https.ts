import { messageOf } from '../model-error.ts';
import type { FetchOutcome, FetchRequest, HttpsPlace, ReleasePlace, WeightFile } from './source.ts';

export type HttpsOptions = {
  /** Where `/<owner>/<repo>/<commit>/<path>`, or `/<owner>/<repo>/releases/download/<tag>/<file>`, is served. */
  readonly baseUrl: string;
  /** For one file, from connecting to its last byte. */
  readonly timeoutMs: number;
};

const maxRedirects = 3;

const remedy = 'check the connection (behind a proxy, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1) and start again';

/**
 * Files of a repository at a pinned commit, or of one of its releases. Bytes are counted while they arrive, so that no
 * answer, whatever its headers say, takes more memory than the published size.
 */
export async function fetchOverHttps(
  options: HttpsOptions,
  place: HttpsPlace | ReleasePlace,
  request: FetchRequest,
): Promise<FetchOutcome> {
  const files = new Map<string, Uint8Array>();
  let before = 0;
  for (const wanted of request.files) {
    request.signal.throwIfAborted();
    const url = new URL(fileUrl(options.baseUrl, place, wanted.name));
    const timeout = AbortSignal.timeout(options.timeoutMs);
    try {
      const signal = AbortSignal.any([request.signal, timeout]);
      const response = await follow(url, signal);
      files.set(wanted.name, await readBody(response, wanted, done => request.onBytes(before + done)));
      before += files.get(wanted.name)?.length ?? 0;
    } catch (error) {
      request.signal.throwIfAborted();
      const reason = timeout.aborted ? `no complete answer within ${options.timeoutMs} ms` : messageOf(error);
      return {
        ok: false,
        reason: `${url.href}: ${reason}`,
        remedy:
          place.kind === 'https' ? remedy : `${remedy}, or bring the file here: npm run models -- add NAME --from FILE`,
      };
    }
  }
  return { ok: true, files };
}

function fileUrl(baseUrl: string, place: HttpsPlace | ReleasePlace, name: string): string {
  const folder = place.kind === 'https' ? [place.commit, place.folder] : ['releases', 'download', place.tag];
  return [baseUrl.replace(/\/$/, ''), place.repository, ...folder, name].filter(part => part !== '').join('/');
}

async function follow(first: URL, signal: AbortSignal): Promise<Response> {
  let url = first;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const response = await fetch(url, { redirect: 'manual', signal });
    if (response.ok) return response;
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) {
      throw new Error(`expected status 200, got ${response.status}`);
    }
    const next = new URL(location, url);
    // Never from https down to http, where anyone on the way could answer.
    if (next.protocol !== first.protocol) throw new Error(`refused a redirect to ${next.protocol}//${next.host}`);
    url = next;
  }
  throw new Error(`expected at most ${maxRedirects} redirects`);
}

async function readBody(response: Response, wanted: WeightFile, onBytes: (done: number) => void): Promise<Uint8Array> {
  if (response.body === null) throw new Error('the answer has no body');
  const chunks: Uint8Array[] = [];
  let done = 0;
  for await (const chunk of response.body) {
    done += chunk.length;
    if (done > wanted.bytes) throw new Error(`expected at most ${wanted.bytes} bytes, got more`);
    chunks.push(chunk);
    onBytes(done);
  }
  return Buffer.concat(chunks);
}
