import { Counter, Gauge, Registry } from 'prom-client';
import { createModelCounter, type ModelCounter, type ModelCounts } from './infer/model-counts.ts';
import { failureReasons, type ModelMetrics } from './infer/model-metrics.ts';

/** Which version is counted, and how many of its requests wait. */
export type CountedModel = { readonly name: string; readonly version: string; readonly pending: () => number };

export type TritonMetrics = {
  /**
   * Counts from zero on; its lines are there before its first request, and go when it retires. A version that is loaded in place
   * of itself begins anew, but its lines count on, as a real Triton's do.
   */
  forModel(model: CountedModel): ModelMetrics;
  /** What a version that is served has done; undefined for others. */
  counts(name: string, version: string): ModelCounts | undefined;
  /** Prometheus' text format. */
  text(): Promise<string>;
};

type Counted = CountedModel & {
  /** Of this load. */
  readonly counter: ModelCounter;
  /** Of this load and those that it followed without a gap: a counter of Prometheus' must not fall. */
  readonly lines: ModelCounter;
};

/**
 * Metrics under the names, labels and help texts of Triton 2.51. Durations are sums over requests: each request of a batch
 * counts its batch's time whole. Only requests that succeed add to durations.
 */
export function createTritonMetrics(): TritonMetrics {
  const registry = new Registry();
  const models = new Map<string, Counted>();
  addCounters(registry, models);

  return {
    forModel(model) {
      const key = keyOf(model.name, model.version);
      const counter = createModelCounter();
      const lines = models.get(key)?.lines ?? createModelCounter();
      const counted = { ...model, counter, lines };
      models.set(key, counted);
      return {
        executed(batch) {
          counter.executed(batch);
          lines.executed(batch);
        },
        failed(reason, elapsedMs) {
          counter.failed(reason, elapsedMs);
          lines.failed(reason, elapsedMs);
        },
        retire() {
          // One that was loaded in its place stays.
          if (models.get(key) === counted) models.delete(key);
        },
      };
    },
    counts: (name, version) => models.get(keyOf(name, version))?.counter.read(),
    text: () => registry.metrics(),
  };
}

function keyOf(name: string, version: string): string {
  return `${name}/${version}`;
}

/** All families, read from the models' counts whenever the text is asked for. */
function addCounters(registry: Registry, models: ReadonlyMap<string, Counted>): void {
  const registers = [registry];
  const labelNames = ['model', 'version'] as const;
  const counter = (name: string, help: string, value: (counts: ModelCounts) => number) =>
    new Counter({
      name: `nv_inference_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const { name: model, version, lines } of models.values()) {
          this.inc({ model, version }, value(lines.read()));
        }
      },
    });
  const duration = (name: string, what: string, part: keyof ModelCounts['requests'], isWithCache: boolean) =>
    counter(
      `${name}_duration_us`,
      `Cumulative ${what} in microseconds (${isWithCache ? 'includes' : 'does not include'} cached requests)`,
      ({ requests }) => microseconds(requests[part].ms),
    );

  counter(
    'request_success',
    'Number of successful inference requests, all batch sizes',
    ({ requests }) => requests.success.count,
  );
  new Counter({
    name: 'nv_inference_request_failure',
    help: 'Number of failed inference requests, all batch sizes',
    labelNames: ['model', 'reason', 'version'],
    registers,
    collect() {
      this.reset();
      for (const { name: model, version, lines } of models.values()) {
        const { failures } = lines.read();
        for (const reason of failureReasons) this.inc({ model, reason, version }, failures[reason].count);
      }
    },
  });
  counter('count', 'Number of inferences performed (does not include cached requests)', ({ rows }) => rows);
  counter(
    'exec_count',
    'Number of model executions performed (does not include cached requests)',
    ({ executions }) => executions,
  );
  duration('request', 'inference request duration', 'success', true);
  duration('queue', 'inference queuing duration', 'queue', true);
  duration('compute_input', 'compute input duration', 'input', false);
  duration('compute_infer', 'compute inference duration', 'infer', false);
  duration('compute_output', 'inference compute output duration', 'output', false);
  new Gauge({
    name: 'nv_inference_pending_request_count',
    help: 'Instantaneous number of pending requests awaiting execution per-model.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { name: model, version, pending } of models.values()) this.set({ model, version }, pending());
    },
  });
}

const microseconds = (ms: number): number => Math.round(ms * 1000);
