import { expect, onTestFinished, test } from 'vitest';
import { buildDetectorApp } from '../../../detector/app.ts';
import { createProcessMetrics } from '../../../triton/prom-process.ts';
import { readMetric } from '../read-metric.ts';
import { createFakeFaceFinder } from './fake-face-finder.ts';

const processMetrics = createProcessMetrics();

async function startDetector() {
  const plain = createFakeFaceFinder();
  const finder = {
    ...plain,
    find: async (...asked: Parameters<typeof plain.find>) => ({
      ...(await plain.find(...asked)),
      seconds: { decode: 0.5, detect: 0.25 },
    }),
    waiting: () => ({ photos: 4, jobs: 1 }),
  };
  const app = await buildDetectorApp({ finder, config: { deadline_ms: 1000 }, processMetrics });
  onTestFinished(() => app.close());
  return app;
}

test('the detector shows faces, stages, queues and its process in text that Prometheus reads', async () => {
  const app = await startDetector();
  await app.inject({ method: 'POST', url: '/detect', payload: { image: 'AQID' } });
  const reply = await app.inject('/metrics');
  expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const read = (line: string) => readMetric(reply.body, line);
  expect(read('face_id_faces_total')).toBe(2);
  expect(read('face_id_stage_seconds_sum{stage="decode"}')).toBe(0.5);
  expect(read('face_id_stage_seconds_sum{stage="detect"}')).toBe(0.25);
  expect(read('face_id_stage_seconds_count{stage="align"}')).toBe(0);
  expect(read('face_id_queue_depth{queue="photos"}')).toBe(4);
  expect(read('face_id_queue_depth{queue="jobs"}')).toBe(1);
  expect(read('face_id_http_request_seconds_count{method="POST",route="/detect",status="200"}')).toBe(1);
  expect(read('process_resident_memory_bytes')).toBeGreaterThan(1e7);
  expect(read('nodejs_eventloop_lag_p99_seconds')).not.toBeNaN();
  // No family twice: the two registries share no name.
  const names = [...reply.body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('cropping is counted as detecting is', async () => {
  const app = await startDetector();
  const cropped = await app.inject({ method: 'POST', url: '/crop', payload: { image: 'AQID' } });
  expect([cropped.statusCode, cropped.headers['server-timing']]).toEqual([200, expect.stringContaining('decode')]);
  expect(readMetric((await app.inject('/metrics')).body, 'face_id_faces_total')).toBe(2);
});

test('the reply says how long each stage took', async () => {
  const app = await startDetector();
  const reply = await app.inject({ method: 'POST', url: '/detect', payload: { image: 'AQID' } });
  expect(reply.headers['server-timing']).toBe('decode;dur=500.000, detect;dur=250.000');
});
