import type { IncomingHttpHeaders } from 'node:http';
import type { ContentType, HttpReply } from './http-reply.ts';
import type { TakeBytes } from './read-body.ts';

/** What one request has taken of the bytes that the server may hold. All of it is given back when the request is over. */
export type Hold = {
  readonly take: TakeBytes;
  /** From here on its bytes are counted by who has taken them over. */
  readonly giveBack: () => void;
};

export type HttpRequest = {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
  /** @throws StatusError when it is too large, or too much is under way */
  readonly body: () => Promise<Uint8Array>;
  readonly hold: Hold;
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
