import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientUnaryCall, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { checkAnswer, type WireRequest } from '../bench/wire-answer.ts';

/** Some of the requests that are sent: a share of all, in turn. */
export type MixPart = {
  readonly share: number;
  readonly tolerance: number;
  readonly requests: readonly WireRequest[];
};

export type Outcomes = {
  readonly right: number;
  readonly refused: number;
  readonly cancelled: number;
  /** Each other answer or error, as a sentence; the first few. */
  readonly wrong: readonly string[];
};

export type Load = {
  /** As many clients as said, each with one request under way; answers a second. */
  closed(options: { readonly clients: number; readonly seconds: number }): Promise<number>;
  /**
   * So many requests a second, or twice as many as are answered right where that is more, whatever becomes of them; some are
   * cancelled by their client. Ends when all have ended.
   */
  open(options: { readonly perSecond: number; readonly seconds: number }): Promise<void>;
  outcomes(): Outcomes;
  close(): void;
};

/** What a server that has too much to do may say. */
const refusals = new Set([status.UNAVAILABLE, status.RESOURCE_EXHAUSTED, status.DEADLINE_EXCEEDED]);
const deadlineMs = 5000;
const tickMs = 10;
const cancelEvery = 50;
/** When the call has been sent for certain: nghttp2 resets a stream that it has not opened yet, and the server then ends the connection. */
const cancelAfterMs = 50;
/** More than the server's queues hold; beyond this, the client is the one that is overloaded. */
const mostUnderWay = 1000;
const mostFaults = 10;

/** Sends encoded requests to a Triton over gRPC, and looks at the values of every answer. */
export function createLoad(address: string, mix: readonly MixPart[]): Load {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc-node.flow_control_window': 16 * 1024 * 1024,
  });
  const counts = { right: 0, refused: 0, cancelled: 0 };
  const wrong: string[] = [];
  let sent = 0;

  /** The part whose share of what was sent is furthest behind. */
  function nextRequest(): { readonly part: MixPart; readonly request: WireRequest } {
    const turn = sent++;
    const place = (turn * 0.618_034) % 1;
    let sum = 0;
    const part = mix.find(({ share }) => {
      sum += share;
      return place < sum;
    });
    const chosen = part ?? mix[0]!;
    return { part: chosen, request: chosen.requests[turn % chosen.requests.length]! };
  }

  /** @param began is given the call, to be cancelled */
  function ask(began?: (call: ClientUnaryCall) => void): Promise<void> {
    const { part, request } = nextRequest();
    const { promise, resolve } = Promise.withResolvers<void>();
    const call = client.makeUnaryRequest(
      '/inference.GRPCInferenceService/ModelInfer',
      (message: Uint8Array) => Buffer.from(message.buffer, message.byteOffset, message.byteLength),
      (message: Buffer) => message,
      request.message,
      new Metadata(),
      { deadline: Date.now() + deadlineMs },
      (error: ServiceError | null, answer?: Buffer) => {
        if (error !== null) countError(error);
        else countAnswer(checkAnswer(answer, request.expected, part.tolerance));
        resolve();
      },
    );
    began?.(call);
    return promise;
  }

  function countError({ code, details }: ServiceError): void {
    if (refusals.has(code)) counts.refused += 1;
    else if (code === status.CANCELLED) counts.cancelled += 1;
    else countAnswer(`${status[code]}: ${details}`);
  }

  function countAnswer(fault: string | undefined): void {
    if (fault === undefined) counts.right += 1;
    else if (wrong.length < mostFaults) wrong.push(fault);
  }

  return {
    async closed({ clients, seconds }) {
      const end = performance.now() + 1000 * seconds;
      const before = counts.right;
      const clientLoop = async (): Promise<void> => {
        while (performance.now() < end) await ask();
      };
      await Promise.all(Array.from({ length: clients }, clientLoop));
      return (counts.right - before) / seconds;
    },
    async open({ perSecond, seconds }) {
      const began = performance.now();
      const answered = counts.right;
      const underWay = new Set<Promise<void>>();
      let count = 0;
      for (let now = began; now - began < 1000 * seconds; now = performance.now()) {
        const due = Math.max(((now - began) / 1000) * perSecond, 2 * (counts.right - answered));
        for (; count < due && underWay.size < mostUnderWay; count++) {
          const cancels = count % cancelEvery === 0;
          const ended = ask(cancels ? call => setTimeout(() => call.cancel(), cancelAfterMs) : undefined);
          underWay.add(ended);
          void ended.finally(() => underWay.delete(ended));
        }
        await delay(tickMs);
      }
      await Promise.all(underWay);
    },
    outcomes: () => ({ ...counts, wrong: [...wrong] }),
    close: () => client.close(),
  };
}
