import { Client, type ClientDuplexStream, Metadata, type MethodDefinition } from '@grpc/grpc-js';
import { createCallsInFlight } from './calls-in-flight.ts';
import { type ChannelSettings, channelCredentials, channelOptions } from './channel-options.ts';
import { withRetries } from './retry.ts';
import type { CallOptions } from './triton-client.ts';
import { TritonError } from './triton-error.ts';
import { type CallSubject, unaryCall } from './unary-call.ts';

export type CallDefaults = {
  /** For calls that name no deadline of their own. */
  readonly deadlineMs: number;
  /** How long a call with all its retries may wait for a connection. */
  readonly connectMs: number;
  readonly retries: number;
  /** Of every call. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
};

/** One gRPC channel: connected with the first call, reconnected as needed, closed once its calls have ended. */
export type Channel = {
  /** @throws TritonError */
  unary<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    options?: CallOptions,
    subject?: CallSubject,
  ): Promise<Response>;
  /** A bidirectional call without a deadline. @throws TritonError `CANCELLED` after closing began */
  bidirectional<Request, Response>(
    method: MethodDefinition<Request, Response>,
    metadata?: CallOptions['metadata'],
  ): ClientDuplexStream<Request, Response>;
  /** Waits for the calls in flight, at most `graceMs`, then cancels them. Again: waits for the first closing. */
  close(graceMs?: number): Promise<void>;
};

export function createChannel(settings: ChannelSettings, defaults: CallDefaults): Channel {
  const client = new Client(settings.address, channelCredentials(settings), channelOptions(settings));
  const ownMetadata = toMetadata(defaults.metadata ?? {});
  const inFlight = createCallsInFlight();
  let closed: Promise<void> | undefined;

  function metadataOf(more: CallOptions['metadata']): Metadata {
    if (more === undefined) return ownMetadata;
    return toMetadata({ ...defaults.metadata, ...more });
  }

  async function unary<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    { signal, deadlineMs = defaults.deadlineMs, retries = defaults.retries, metadata }: CallOptions = {},
    subject: CallSubject = {},
  ): Promise<Response> {
    const begun = Date.now();
    const deadline = begun + deadlineMs;
    const callMetadata = metadataOf(metadata);
    const attempt = async (): Promise<Response> => {
      if (closed !== undefined) throw clientClosed(subject);
      const now = Date.now();
      const connectMs = Math.max(0, begun + defaults.connectMs - now);
      const limits = { signal, deadlineMs: deadline - now, connectMs, metadata: callMetadata, inFlight };
      return await unaryCall(client, method, request, limits, subject);
    };
    return await withRetries(attempt, { retries, deadline, signal });
  }

  async function waitAndClose(graceMs: number): Promise<void> {
    await inFlight.whenEmpty(graceMs);
    inFlight.cancelAll();
    client.close();
  }

  return {
    unary,
    bidirectional(method, metadata) {
      if (closed !== undefined) throw clientClosed();
      const { path, requestSerialize, responseDeserialize } = method;
      const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadataOf(metadata));
      inFlight.add(call);
      // The last event, after an error too.
      call.once('status', () => inFlight.delete(call));
      return call;
    },
    close(graceMs = Infinity) {
      closed ??= waitAndClose(graceMs);
      return closed;
    },
  };
}

function clientClosed(subject: CallSubject = {}): TritonError {
  return new TritonError('CANCELLED', 'the client is closed', subject);
}

/** @throws TritonError `INVALID_ARGUMENT` for names or values that gRPC metadata cannot hold */
function toMetadata(values: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  try {
    for (const [name, value] of Object.entries(values)) metadata.set(name, value);
  } catch {
    // grpc-js's own text holds the value, which may be a secret.
    throw new TritonError(
      'INVALID_ARGUMENT',
      `metadata: expected names and texts of gRPC, got [${Object.keys(values)}]`,
    );
  }
  return metadata;
}
