import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Config } from '../../config.ts';
import { readMetric } from '../api/read-metric.ts';
import { startProduct } from './product.ts';
import { samplePhotos, testConfig } from './test-models.ts';

let config: Config;
let product: Awaited<ReturnType<typeof startProduct>>;

beforeAll(async () => {
  config = await testConfig();
  product = await startProduct(config);
});
afterAll(async () => {
  await product.close();
  await rm(config.data_dir, { recursive: true });
});

/** Of the Triton that is asked: the embedded one's, or where the tests were told that another's are. */
const tritonMetricsUrl = (): string => product.tritonMetricsUrl ?? process.env.FACE_ID_TEST_TRITON_METRICS ?? '';

it('one photo is counted alike by the API and by Triton, with time in every stage', async () => {
  const metricsOf = async (url: string | null): Promise<string> => (await fetch(`${url}/metrics`)).text();
  const labels = `{model="${config.models.embedder}",version="1"}`;
  const countOf = (text: string): number => readMetric(text, `nv_inference_count${labels}`);
  const before = countOf(await metricsOf(tritonMetricsUrl()));
  const { body } = await product.infer(await readFile(path.join(samplePhotos, 'sample1.jpg')));
  const [api, detector, triton] = await Promise.all(
    [product.apiUrl, product.detectorUrl, tritonMetricsUrl()].map(metricsOf),
  );
  expect(body.faces.length).toBeGreaterThan(0);
  expect(readMetric(api!, 'face_id_faces_total')).toBe(body.faces.length);
  for (const stage of ['wait', 'decode', 'detect', 'align', 'embed', 'search', 'decide']) {
    expect(readMetric(api!, `face_id_stage_seconds_sum{stage="${stage}"}`), stage).toBeGreaterThan(0);
  }
  // NVIDIA's has a line from the start and may have served others; the embedded server's begins with the first request.
  expect(countOf(triton!) - (before || 0)).toBe(body.faces.length);
  expect(readMetric(triton!, `nv_inference_compute_infer_duration_us${labels}`)).toBeGreaterThan(0);
  // The detector's own service was not asked: it counts what comes over HTTP.
  expect(readMetric(detector!, 'face_id_faces_total')).toBe(0);
  for (const text of [api!, detector!]) expect(readMetric(text, 'process_resident_memory_bytes')).toBeGreaterThan(0);
});

it.skipIf(process.env.FACE_ID_TEST_TRITON !== undefined)('the embedded Triton tells its process, too', async () => {
  const text = await (await fetch(`${product.tritonMetricsUrl}/metrics`)).text();
  expect(readMetric(text, 'process_resident_memory_bytes')).toBeGreaterThan(0);
});

it('what docs/operations.md watches is among them', async () => {
  const document = await readFile(path.resolve(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const queries = [...document.matchAll(/^```promql\n(.*?)^```$/gms)].map(([, query]) => query).join('');
  const names = new Set(queries.match(/\b(face_id|nv|nodejs|process)_\w+/g));
  await product.infer(await readFile(path.join(samplePhotos, 'sample1.jpg')));
  const urls = [product.apiUrl, tritonMetricsUrl()];
  const texts = await Promise.all(urls.map(async url => (await fetch(`${url}/metrics`)).text()));
  const shown = new Set(texts.join('\n').match(/^\w+/gm));
  expect(names.size).toBeGreaterThan(5);
  expect([...names].filter(name => !shown.has(name))).toEqual([]);
});
