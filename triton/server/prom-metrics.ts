import { Counter, Gauge, Registry } from 'prom-client';
import { failureReasons, type ModelMetrics } from './infer/model-metrics.ts';

/** Which version is counted, and how many of its requests wait. */
export type CountedModel = { readonly name: string; readonly version: string; readonly pending: () => number };

export type TritonMetrics = {
  /** Counts from zero on; its lines are there before its first request. */
  forModel(model: CountedModel): ModelMetrics;
  /** Prometheus' text format. */
  text(): Promise<string>;
};

/**
 * Metrics under the names, labels and help texts of Triton 2.51. Durations are sums over requests: each request of a batch
 * counts its batch's time whole. Only requests that succeed add to durations.
 */
export function createTritonMetrics(): TritonMetrics {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['model', 'version'] as const;
  const counter = (name: string, help: string) =>
    new Counter({ name: `nv_inference_${name}`, help, labelNames, registers });
  const success = counter('request_success', 'Number of successful inference requests, all batch sizes');
  const failure = new Counter({
    name: 'nv_inference_request_failure',
    help: 'Number of failed inference requests, all batch sizes',
    labelNames: ['model', 'reason', 'version'],
    registers,
  });
  const count = counter('count', 'Number of inferences performed (does not include cached requests)');
  const execCount = counter('exec_count', 'Number of model executions performed (does not include cached requests)');
  const duration = (name: string, what: string, cached: 'includes' | 'does not include') =>
    counter(`${name}_duration_us`, `Cumulative ${what} in microseconds (${cached} cached requests)`);
  const request = duration('request', 'inference request duration', 'includes');
  const queue = duration('queue', 'inference queuing duration', 'includes');
  const input = duration('compute_input', 'compute input duration', 'does not include');
  const infer = duration('compute_infer', 'compute inference duration', 'does not include');
  const output = duration('compute_output', 'inference compute output duration', 'does not include');
  const models: CountedModel[] = [];
  new Gauge({
    name: 'nv_inference_pending_request_count',
    help: 'Instantaneous number of pending requests awaiting execution per-model.',
    labelNames,
    registers,
    collect() {
      for (const { name: model, version, pending } of models) this.set({ model, version }, pending());
    },
  });

  return {
    forModel(counted) {
      const labels = { model: counted.name, version: counted.version };
      const withReason = (reason: string) => ({ model: counted.name, reason, version: counted.version });
      models.push(counted);
      for (const metric of [success, count, execCount, request, queue, input, infer, output]) metric.inc(labels, 0);
      for (const reason of failureReasons) failure.inc(withReason(reason), 0);
      return {
        failed: reason => failure.inc(withReason(reason)),
        executed({ waitedMs, rows, totalMs, inputMs, inferMs, outputMs }) {
          const requests = waitedMs.length;
          const waited = waitedMs.reduce((sum, ms) => sum + ms, 0);
          success.inc(labels, requests);
          count.inc(labels, rows);
          execCount.inc(labels);
          request.inc(labels, microseconds(waited + requests * totalMs));
          // Waiting for a worker thread is waiting too.
          const idleMs = Math.max(0, totalMs - inputMs - inferMs - outputMs);
          queue.inc(labels, microseconds(waited + requests * idleMs));
          input.inc(labels, microseconds(requests * inputMs));
          infer.inc(labels, microseconds(requests * inferMs));
          output.inc(labels, microseconds(requests * outputMs));
        },
      };
    },
    text: () => registry.metrics(),
  };
}

const microseconds = (ms: number): number => Math.round(ms * 1000);
