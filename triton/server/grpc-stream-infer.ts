import { create } from '@bufbuild/protobuf';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import {
  InferParameterSchema,
  type ModelInferRequest,
  type ModelInferResponse,
  type ModelStreamInferResponse,
  ModelStreamInferResponseSchema,
} from '../../proto/gen/grpc_service_pb.ts';
import type { ByteBudget } from './byte-budget.ts';
import { callHolding, callSignal, toGrpcStatus } from './grpc-call.ts';
import type { InferenceCore } from './inference-core.ts';
import { StatusError } from './status-error.ts';

/** Requests of one stream that may be under way: read, their answers not yet taken by the transport. */
export const maxInFlight = 64;

/** Bytes of their tensors, in and out, at which no more is read. */
const maxInFlightBytes = 64 * 1024 * 1024;

export type StreamInferOptions = {
  /** Told of errors that are no answer of ours. */
  readonly onFailure: (error: unknown, id: string) => void;
  /** What answers take from until they are written. */
  readonly budget: ByteBudget;
};

export type StreamInferCall = ServerDuplexStream<ModelInferRequest, ModelStreamInferResponse>;

/**
 * Serves one ModelStreamInfer call. Its requests run side by side; answers are written in the order of the requests, as a
 * real Triton does for models that give one answer each, every one as soon as those before it are gone. An error is an
 * answer with `error_message` and the request's id, and the stream goes on. Nothing is read while too much is under way, so
 * a client that does not read its answers is not worked for. When the client closes its side, the stream ends after the
 * last answer; when it cancels, what waits is dropped.
 * @returns ends a stream that the client still has open with UNAVAILABLE, after what was read is answered
 */
export function serveStreamInfer(
  core: InferenceCore,
  call: StreamInferCall,
  { onFailure, budget }: StreamInferOptions,
): () => void {
  const signal = callSignal(call);
  const holding = callHolding(call, budget);
  let inFlight = 0;
  let bytes = 0;
  let isFinishing = false;
  let lastWritten = Promise.resolve();

  function read(request: ModelInferRequest): void {
    const requestBytes = sumBytes(request.rawInputContents);
    hold(1, requestBytes);
    lastWritten = writeInTurn(toAnswer(request), requestBytes, lastWritten);
  }

  async function writeInTurn(
    answering: Promise<ModelStreamInferResponse>,
    requestBytes: number,
    turn: Promise<void>,
  ): Promise<void> {
    const answer = await answering;
    const answerBytes = totalBytes(answer.inferResponse);
    hold(0, answerBytes - requestBytes);
    await turn;
    // After a cancellation this may never come back, and nobody waits for it.
    await new Promise(resolve => call.write(answer, resolve));
    holding.release(answerBytes);
    hold(-1, -answerBytes);
  }

  async function toAnswer(request: ModelInferRequest): Promise<ModelStreamInferResponse> {
    const { id } = request;
    try {
      const inferResponse = await core.infer(request, signal);
      holding.hold(totalBytes(inferResponse));
      // There is no answer after this one, whether or not triton_enable_empty_final_response asks to be told so.
      inferResponse.parameters.triton_final_response = create(InferParameterSchema, {
        parameterChoice: { case: 'boolParam', value: true },
      });
      return create(ModelStreamInferResponseSchema, { inferResponse });
    } catch (error) {
      if (!(error instanceof StatusError)) onFailure(error, id);
      return create(ModelStreamInferResponseSchema, {
        errorMessage: toGrpcStatus(error).details,
        inferResponse: { id },
      });
    }
  }

  function hold(requests: number, size: number): void {
    inFlight += requests;
    bytes += size;
    if (inFlight >= maxInFlight || bytes >= maxInFlightBytes) call.pause();
    else if (call.isPaused() && !isFinishing) call.resume();
  }

  call.on('data', read);
  call.on('end', () => void lastWritten.then(() => call.end()));
  return () => {
    // Everything was asked, and the stream ends by itself.
    if (call.readableEnded) return;
    isFinishing = true;
    call.pause();
    const error = new StatusError('UNAVAILABLE', 'the server is shutting down');
    void lastWritten.then(() => call.emit('error', toGrpcStatus(error)));
  };
}

/** Bytes of an answer's tensors. */
export function totalBytes(response: ModelInferResponse | undefined): number {
  return sumBytes(response?.rawOutputContents ?? []);
}

function sumBytes(contents: readonly Uint8Array[]): number {
  return contents.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
