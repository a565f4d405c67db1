import { collectDefaultMetrics, Registry } from 'prom-client';

/** Metrics that are made elsewhere and shown with a service's own, in Prometheus' text format. */
export type MetricsText = { text(): Promise<string> };

/** CPU, memory, handles, garbage collection and event-loop delay of this process. One for a process, whichever services it holds. */
export function createProcessMetrics(): MetricsText {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return { text: () => registry.metrics() };
}
