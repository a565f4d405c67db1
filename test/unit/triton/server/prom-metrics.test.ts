import { describe, expect, it } from 'vitest';
import { createTritonMetrics } from '../../../../triton/server/prom-metrics.ts';

const model = { name: 'm', version: '1', pending: () => 3 };
const batch = { totalMs: 10, inputMs: 1, inferMs: 5, outputMs: 2, waitedMs: [3, 1], rows: 4 };

describe("the metrics of a model's version", () => {
  it('are the counts that ModelStatistics tells', async () => {
    const metrics = createTritonMetrics();
    const counted = metrics.forModel(model);
    counted.executed(batch);
    counted.failed('CANCELED', 2);
    const lines = (await metrics.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'nv_inference_request_success{model="m",version="1"} 2',
        'nv_inference_request_failure{model="m",reason="CANCELED",version="1"} 1',
        'nv_inference_count{model="m",version="1"} 4',
        'nv_inference_exec_count{model="m",version="1"} 1',
        'nv_inference_request_duration_us{model="m",version="1"} 24000',
        'nv_inference_queue_duration_us{model="m",version="1"} 8000',
        'nv_inference_compute_infer_duration_us{model="m",version="1"} 10000',
        'nv_inference_pending_request_count{model="m",version="1"} 3',
      ]),
    );
    expect(metrics.counts('m', '1')).toMatchObject({ rows: 4, executions: 1, failures: { CANCELED: { count: 1 } } });
    expect(await metrics.text()).toBe(lines.join('\n'));
  });

  it('go on in the lines of Prometheus when it is loaded in place of itself, and begin anew after it was gone', async () => {
    const metrics = createTritonMetrics();
    const lineOf = async (): Promise<string | undefined> =>
      /^nv_inference_count\{model="m",version="1"\} (\d+)$/m.exec(await metrics.text())?.[1];
    metrics.forModel(model).executed(batch);
    const second = metrics.forModel(model);
    second.executed(batch);
    expect(await lineOf()).toBe('8');
    expect(metrics.counts('m', '1')?.rows).toBe(4);
    second.retire();
    expect(await lineOf()).toBeUndefined();
    metrics.forModel(model);
    expect(await lineOf()).toBe('0');
  });

  it('are gone with it, and begin anew when it is loaded again', async () => {
    const metrics = createTritonMetrics();
    const first = metrics.forModel(model);
    first.executed(batch);
    const second = metrics.forModel(model);
    expect(metrics.counts('m', '1')?.rows).toBe(0);
    // The one that was replaced may still answer and then go.
    first.executed(batch);
    first.retire();
    second.executed(batch);
    expect(metrics.counts('m', '1')?.rows).toBe(4);
    second.retire();
    expect(metrics.counts('m', '1')).toBeUndefined();
    expect(await metrics.text()).not.toContain('model="m"');
  });
});
