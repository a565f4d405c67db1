import type { IncomingHttpHeaders } from 'node:http';
import type { ContentType, HttpReply } from './http-reply.ts';
import type { TakeBytes } from './read-body.ts';

export type HttpRequest = {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
  /** @throws StatusError when it is too large, or too much is under way */
  readonly body: () => Promise<Uint8Array>;
  /** Before more memory than the body's is taken for the request. */
  readonly take: TakeBytes;
};

export type Route = {
  /** Matches the whole path as it was sent: Triton decodes no percent signs. */
  readonly path: RegExp;
  readonly methods: readonly string[];
  /** What its errors are called; Triton is not of one mind. */
  readonly errorType: ContentType;
  /**
   * @param groups of `path`; empty where one took no part
   * @throws StatusError
   */
  readonly answer: (groups: readonly string[], request: HttpRequest) => HttpReply | Promise<HttpReply>;
};

/** `/v2/models/{model}[/versions/{version}]` and what is behind it; its groups are model and version. */
export function modelPath(rest: string): RegExp {
  return new RegExp(`^/v2/models/([^/]+)(?:/versions/([0-9]+))?${rest}$`);
}
