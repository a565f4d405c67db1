import { constants, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { createLine } from '../core/line.ts';
import { modelStreamInferMethod } from '../model-infer-method.ts';
import type { ByteBudget } from './byte-budget.ts';
import { requestPrefix } from './infer/served-model.ts';
import { createMessageFraming } from './message-framing.ts';

export type CallBounds = {
  /** What messages on their way in take from, from their first bytes to their last. */
  readonly budget: ByteBudget;
  /** Calls that may be open at once, over all connections. */
  readonly maxCalls: number;
  /** What grpc-js makes of a compressed message at most. */
  readonly maxMessageBytes: number;
  /** A message on its way, in or out, may take this long and as long as `slowestBytesPerSecond` allows; then its call is ended. */
  readonly stalledMs: number;
};

/** A client slower than this holds the server's memory for too long. */
const slowestBytesPerSecond = 128 * 1024;

/** Deflate makes 1032 bytes of one at most (https://zlib.net/zlib_tech.html). */
const largestInflation = 1032;

/** How finely time is counted at least: no call needs a timer of its own. */
const longestRoundMs = 250;
const roundsToStall = 4;

/** Something that is under way: how many bytes, since which round. */
type Transfer = { bytes: number; since: number };

type Call = {
  readonly stream: ServerHttp2Stream;
  /** The message that comes in, whole. */
  readonly incoming: Transfer;
  /** What the client has not taken of what was written for it. */
  readonly outgoing: Transfer;
};

/**
 * Bounds what clients make the server hold before anything is known of their requests: calls that are open, the bytes of
 * messages that are only partly here, which grpc-js collects without a limit of its own but each message's, and what waits
 * unread in streams that are paused. What is too much is answered UNAVAILABLE. Calls whose client stopped sending or reading
 * are ended, so that what they hold comes free.
 */
export function boundCalls(server: Http2Server, bounds: CallBounds): void {
  const roundMs = Math.min(longestRoundMs, bounds.stalledMs / roundsToStall);
  const calls = createLine<Call>();
  let round = 0;
  let unread = 0;
  // Before grpc-js: its listeners leave alone what has been answered by then.
  server.prependListener('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    if (calls.size >= bounds.maxCalls) {
      // After grpc-js: what it answers to a call without a handler cannot be answered twice.
      process.nextTick(refuse, stream);
      return;
    }
    const call = { stream, incoming: { bytes: 0, since: 0 }, outgoing: { bytes: 0, since: 0 } };
    calls.add(call);
    stream.once('close', () => {
      calls.delete(call);
      letGo(stream);
    });
    followIncoming(call, { bounds, isUnary: headers[':path'] !== modelStreamInferMethod.path, round: () => round });
  });
  const rounds = setInterval(() => {
    round += 1;
    for (const call of calls) {
      if (isStalled(call, round, roundMs, bounds.stalledMs)) call.stream.close(constants.NGHTTP2_CANCEL);
    }
    bounds.budget.give(unread);
    unread = takeUnread([...calls], bounds.budget);
  }, roundMs).unref();
  server.once('close', () => clearInterval(rounds));
}

/**
 * A stream that has closed lives on until V8 looks at its whole heap, because Node's native half of it is held weakly, and with it
 * whatever listens to it: requests and answers. Those listeners are called once more, for the event that goes on.
 */
function letGo(stream: ServerHttp2Stream): void {
  stream.removeAllListeners();
  stream.on('error', () => {});
}

type Following = { readonly bounds: CallBounds; readonly isUnary: boolean; readonly round: () => number };

/**
 * Takes each message from the budget when it begins and gives it back when it goes on from here, or when the call ends before that. The
 * message of a unary call goes on when its client has said that it was all.
 */
function followIncoming({ stream, incoming }: Call, { bounds, isUnary, round }: Following): void {
  const { budget, maxMessageBytes } = bounds;
  let taken = 0;
  let untilEnd = 0;
  const give = (bytes: number): void => {
    budget.give(bytes);
    taken -= bytes;
  };
  const goesOn = (): void => {
    incoming.bytes = 0;
    give(untilEnd);
    untilEnd = 0;
  };
  const framing = createMessageFraming({
    begins(bytes, isCompressed) {
      const size = Math.min(isCompressed ? bytes * largestInflation : bytes, maxMessageBytes);
      if (!budget.take(size)) {
        refuse(stream);
        return;
      }
      taken += size;
      incoming.bytes = bytes;
      incoming.since = round();
      // What grpc-js inflates is there for as long as the call.
      untilEnd += isCompressed ? 0 : size;
    },
    ends() {
      if (!isUnary) goesOn();
    },
  });
  stream.once('end', goesOn);
  stream.on('data', (chunk: Buffer) => framing.read(chunk));
  stream.once('close', () => give(taken));
}

/**
 * What has arrived in streams that nobody reads at the moment: up to a window each. Those with the most are ended until the
 * budget holds the rest.
 * @returns bytes taken
 */
function takeUnread(calls: readonly Call[], budget: ByteBudget): number {
  const paused = calls.filter(({ stream }) => stream.readableLength > 0);
  paused.sort((a, b) => a.stream.readableLength - b.stream.readableLength);
  let bytes = paused.reduce((sum, { stream }) => sum + stream.readableLength, 0);
  while (bytes > 0 && !budget.take(bytes)) {
    const most = paused.pop();
    bytes -= most?.stream.readableLength ?? bytes;
    most?.stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
  return bytes;
}

function isStalled({ stream, incoming, outgoing }: Call, round: number, roundMs: number, stalledMs: number): boolean {
  if (stream.writableLength !== outgoing.bytes) {
    outgoing.bytes = stream.writableLength;
    outgoing.since = round;
  }
  return [incoming, outgoing].some(({ bytes, since }) => {
    const allowedMs = stalledMs + (1000 * bytes) / slowestBytesPerSecond;
    return bytes > 0 && (round - since) * roundMs > allowedMs;
  });
}

/** In the words that Triton has for a queue that is full. */
function refuse(stream: ServerHttp2Stream): void {
  if (stream.closed || stream.destroyed || stream.writableEnded) return;
  if (stream.headersSent) {
    stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    return;
  }
  const text = `${requestPrefix('')} Exceeds maximum queue size`;
  const answer = {
    ':status': 200,
    'content-type': 'application/grpc+proto',
    'grpc-status': status.UNAVAILABLE,
    'grpc-message': encodeURI(text),
  };
  stream.respond(answer, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}
