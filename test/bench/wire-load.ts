// A process that loads a Triton over gRPC and looks at the values of every answer.
import { answerQuestions } from './child.ts';
import { checkAnswer, type WireRequest } from './wire-answer.ts';
import { grpcFrame, openWireConnection, type WireConnection } from './wire-connection.ts';

export type WireLoad = {
  readonly address: string;
  /** Sent in turn. */
  readonly requests: readonly WireRequest[];
  /** Largest difference of a value. */
  readonly tolerance: number;
  /** Requests under way at any time. */
  readonly clients: number;
  readonly warmMs: number;
  readonly measureMs: number;
};

export type WireResult = {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU time of this process for a request, in microseconds. */
  readonly cpuUs: number;
};

/** As NVIDIA's perf_analyzer does it. */
const clientsPerConnection = 6;
const path = '/inference.GRPCInferenceService/ModelInfer';

answerQuestions<WireLoad>(async load => {
  const count = Math.ceil(load.clients / clientsPerConnection);
  const connections = await Promise.all(Array.from({ length: count }, () => openWireConnection(load.address, path)));
  try {
    return await measure(load, connections);
  } finally {
    for (const connection of connections) connection.close();
  }
});

async function measure(load: WireLoad, connections: readonly WireConnection[]): Promise<WireResult> {
  const { clients, warmMs, measureMs, tolerance } = load;
  const requests = load.requests.map(({ message, expected }) => ({ framed: grpcFrame(message), expected }));
  const times: number[] = [];
  const began = performance.now();
  const warm = began + warmMs;
  const end = warm + measureMs;
  let cpu = process.cpuUsage();
  let next = 0;

  function client(connection: WireConnection): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const ask = (sent: number): void => {
      const { framed, expected } = requests[next++ % requests.length]!;
      connection.send(framed, answer => {
        const now = performance.now();
        const wrong = checkAnswer(answer, expected, tolerance);
        if (wrong !== undefined) reject(new Error(wrong));
        else if (now >= end) resolve();
        else {
          if (now >= warm) {
            if (times.length === 0) cpu = process.cpuUsage();
            times.push(now - sent);
          }
          ask(now);
        }
      });
    };
    ask(performance.now());
    return promise;
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => client(connections[index % connections.length]!)));
  const { user, system } = process.cpuUsage(cpu);
  const sorted = Float64Array.from(times).sort();
  return {
    perSecond: (1000 * times.length) / measureMs,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    cpuUs: (user + system) / times.length,
  };
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
