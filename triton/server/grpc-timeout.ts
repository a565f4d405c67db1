/** gRPC's units in milliseconds (PROTOCOL-HTTP2.md, "Timeout"). */
const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** The longest that a timer of Node's takes. */
const longestTimerMs = 2 ** 31 - 1;

/** What the header `grpc-timeout` allows: Infinity where it is absent or longer than can be timed, undefined where it is none. */
export function grpcTimeoutMs(header: string | readonly string[] | undefined): number | undefined {
  if (header === undefined) return Number.POSITIVE_INFINITY;
  if (typeof header !== 'string' || !/^\d{1,8}[HMSmun]$/.test(header)) return undefined;
  const ms = Number(header.slice(0, -1)) * (unitMs[header.slice(-1)] ?? 0);
  return ms > longestTimerMs ? Number.POSITIVE_INFINITY : ms;
}
