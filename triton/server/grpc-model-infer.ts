import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { type StatusObject, status } from '@grpc/grpc-js';
import type { ModelInferRequest } from '../../proto/gen/grpc_service_pb.ts';
import { decodeInferRequest } from '../infer-codec.ts';
import { frameInferResponse, modelInferMethod } from '../model-infer-method.ts';
import type { BufferShelf } from '../onnx-pool/buffer-shelf.ts';
import type { ByteBudget } from './byte-budget.ts';
import { cancelled, toGrpcStatus } from './grpc-call.ts';
import { totalBytes } from './grpc-stream-infer.ts';
import { grpcTimeoutMs } from './grpc-timeout.ts';
import type { OnFailure } from './grpc-unary.ts';
import { createIncomingMessage, type Message } from './incoming-message.ts';
import type { InferenceCore } from './inference-core.ts';
import { StatusError } from './status-error.ts';

export type ModelInferOptions = {
  readonly onFailure: OnFailure;
  /** What answers take from until their clients have them. */
  readonly budget: ByteBudget;
  /** Where messages find their memory. */
  readonly shelf: BufferShelf;
  /** Largest message in either direction. */
  readonly maxMessageBytes: number;
};

type GrpcStatus = Pick<StatusObject, 'code' | 'details'>;

const contentTypes = new Set<unknown>(['application/grpc', 'application/grpc+proto']);
const answerHeaders = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,deflate,gzip',
};

/**
 * Answers ModelInfer calls in place of grpc-js, on its own HTTP/2 server (docs/adr/0019): a request is read into memory that is
 * used again and may travel to a worker thread. Calls that need more of gRPC, compression above all, are left to grpc-js,
 * as every other RPC is.
 * @throws Error when grpc-js does not listen on its server as expected
 */
export function serveModelInfer(server: Http2Server, core: InferenceCore, options: ModelInferOptions): void {
  const [theirs, ...others] = server.listeners('stream');
  if (theirs === undefined || others.length > 0) {
    throw new Error(`grpc-js: expected one listener of its HTTP/2 server's streams, got ${others.length + 1}`);
  }
  server.removeListener('stream', theirs as () => void);
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest: unknown[]) => {
    if (isPlainModelInfer(headers)) answerCall(stream, grpcTimeoutMs(headers['grpc-timeout']), core, options);
    else Reflect.apply(theirs, server, [stream, headers, ...rest]);
  });
}

function isPlainModelInfer(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['grpc-encoding'];
  return (
    headers[':path'] === modelInferMethod.path &&
    contentTypes.has(headers['content-type']) &&
    (encoding === undefined || encoding === 'identity') &&
    grpcTimeoutMs(headers['grpc-timeout']) !== undefined
  );
}

function answerCall(
  stream: ServerHttp2Stream,
  timeoutMs: number | undefined,
  core: InferenceCore,
  { onFailure, budget, shelf, maxMessageBytes }: ModelInferOptions,
): void {
  const incoming = createIncomingMessage(maxMessageBytes, shelf);
  const controller = new AbortController();
  let heldBytes = 0;
  let isOver = false;
  let isAnswered = false;
  const deadline =
    timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY
      ? undefined
      : setTimeout(() => fail({ code: status.DEADLINE_EXCEEDED, details: 'Deadline exceeded' }), timeoutMs);

  function end(): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(deadline);
    controller.abort(cancelled);
  }

  /** Says what was wrong and nothing else: there is no message before it. */
  function fail({ code, details }: GrpcStatus): void {
    if (isOver) return;
    end();
    if (stream.destroyed || stream.closed || stream.headersSent) return;
    const trailers = { ...answerHeaders, 'grpc-status': code, 'grpc-message': encodeURI(details) };
    stream.respond(trailers, { endStream: true });
  }

  function send(framed: Buffer): void {
    if (stream.destroyed || stream.closed || stream.headersSent) return;
    isAnswered = true;
    clearTimeout(deadline);
    stream.respond(answerHeaders, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status.OK }));
    stream.end(framed);
  }

  async function answer(message: Message | undefined): Promise<void> {
    let request: ModelInferRequest | undefined;
    try {
      if (message === undefined)
        throw new StatusError('UNIMPLEMENTED', 'expected one message of a unary call, got none');
      request = decode(message.bytes);
      const response = await core.infer(request, controller.signal, message.buffer);
      if (isOver) return;
      hold(totalBytes(response));
      const framed = frameInferResponse(response);
      if (framed.length > maxMessageBytes) {
        throw new StatusError(
          'RESOURCE_EXHAUSTED',
          `Sent message larger than max (${framed.length} vs. ${maxMessageBytes})`,
        );
      }
      send(framed);
    } catch (error) {
      if (!(error instanceof StatusError)) onFailure('ModelInfer', error, request?.id);
      fail(toGrpcStatus(error));
    }
  }

  function hold(bytes: number): void {
    if (!budget.take(bytes)) {
      throw new StatusError('UNAVAILABLE', 'the server holds as many answers as it may that nobody has read');
    }
    heldBytes = bytes;
  }

  stream.on('data', (chunk: Buffer) => {
    if (isOver) return;
    try {
      incoming.read(chunk);
    } catch (error) {
      fail(toGrpcStatus(error));
    }
  });
  stream.once('end', () => {
    if (!isOver) void answer(incoming.whole());
  });
  // What is wrong with a stream closes it.
  stream.on('error', () => {});
  stream.once('close', () => {
    budget.give(heldBytes);
    if (!isAnswered) end();
  });
}

function decode(bytes: Uint8Array): ModelInferRequest {
  try {
    return decodeInferRequest(bytes);
  } catch (cause) {
    throw new StatusError('INTERNAL', 'Error deserializing request', { cause });
  }
}
