import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../../detector/errors.ts';
import type { FaceFinder } from '../../../detector/face-finder.ts';
import { readMetric } from '../read-metric.ts';
import { base64, brokenPhoto, fakeFinder, photo } from './fake-deps.ts';
import { startApi } from './start-api.ts';

/** A finder that says what it spent, as the real one does. */
function timedFinder(): FaceFinder {
  const plain = fakeFinder();
  return {
    ...plain,
    find: async (image, request, options) => ({
      ...(await plain.find(image, request, options)),
      seconds: { wait: 0.001, decode: 0.0625, detect: 0.25, align: 0.125 },
    }),
    waiting: () => ({ photos: 3, jobs: 2 }),
  };
}

async function start(options: Parameters<typeof startApi>[0] = {}) {
  const api = await startApi(options);
  const text = async (): Promise<string> => (await api.app.inject('/metrics')).body;
  return { ...api, text, read: async (line: string) => readMetric(await text(), line) };
}

describe("the API's /metrics", () => {
  it('count faces, decisions and the time of every stage', async () => {
    const { infer, enrol, text } = await start({ finder: timedFinder() });
    await enrol('a', 1);
    expect((await infer(photo(1, 2, 3))).statusCode).toBe(200);
    expect((await infer(photo(2))).statusCode).toBe(200);
    const shown = await text();
    expect(readMetric(shown, 'face_id_faces_total')).toBe(4);
    expect(readMetric(shown, 'face_id_decisions_total{decision="match"}')).toBe(1);
    expect(readMetric(shown, 'face_id_decisions_total{decision="unknown"}')).toBe(3);
    for (const [stage, seconds] of Object.entries({ decode: 0.125, detect: 0.5, align: 0.25 })) {
      expect(readMetric(shown, `face_id_stage_seconds_sum{stage="${stage}"}`)).toBe(seconds);
    }
    for (const stage of ['wait', 'decode', 'detect', 'align', 'embed', 'search', 'decide']) {
      expect(readMetric(shown, `face_id_stage_seconds_count{stage="${stage}"}`), stage).toBe(2);
    }
  });

  it('count enrolment in the stages that it has, and the gallery that it fills', async () => {
    const { generate, read, app } = await start({ finder: timedFinder() });
    const image = { image: base64(photo(1)) };
    await generate({ id: 7, images: [image, image] });
    await generate({ id: 'seven', images: [image] });
    expect(await read('face_id_gallery_identities')).toBe(2);
    expect(await read('face_id_gallery_templates')).toBe(3);
    expect(await read('face_id_stage_seconds_count{stage="detect"}')).toBe(3);
    expect(await read('face_id_stage_seconds_count{stage="search"}')).toBe(0);
    await app.inject({ method: 'DELETE', url: '/identities/7' });
    expect(await read('face_id_gallery_templates')).toBe(1);
  });

  it('count requests by route pattern and status, never by URL', async () => {
    const { app, infer, text } = await start();
    await infer(brokenPhoto('UNREADABLE'));
    for (const id of ['anna', 'bert']) await app.inject(`/identities/${id}`);
    await app.inject('/nothing/here');
    const shown = await text();
    const count = (labels: string) => readMetric(shown, `face_id_http_request_seconds_count{${labels}}`);
    expect(count('method="POST",route="/infer",status="422"')).toBe(1);
    expect(count('method="GET",route="/identities/:id",status="404"')).toBe(2);
    expect(count('method="GET",route="none",status="404"')).toBe(1);
    expect(shown).not.toMatch(/anna|bert|nothing/);
    expect(readMetric(shown, 'face_id_stage_seconds_count{stage="embed"}')).toBe(0);
  });

  it('show what is under way and what waits', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const finder = timedFinder();
    const slow: FaceFinder = {
      ...finder,
      find: async (...asked) => {
        await promise;
        return finder.find(...asked);
      },
    };
    const { infer, read } = await start({ finder: slow });
    const asked = infer(photo(1));
    // The scrape itself is the second.
    expect(await read('face_id_http_requests_in_flight')).toBe(2);
    expect(await read('face_id_queue_depth{queue="photos"}')).toBe(3);
    expect(await read('face_id_queue_depth{queue="jobs"}')).toBe(2);
    resolve();
    await asked;
    expect(await read('face_id_http_requests_in_flight')).toBe(1);
  });

  it('still answer when the store does not', async () => {
    const { deps, read } = await start();
    deps.store.listGalleries = () => Promise.reject(new ServiceError('STORAGE_FAILED', 'no disk'));
    expect(await read('face_id_gallery_templates')).toBeNaN();
    expect(await read('face_id_faces_total')).toBe(0);
  });

  it('show how many approximate searches were repeated exactly, and were right', async () => {
    const { deps, read } = await start();
    deps.store.recall = () => ({ checked: 400, found: 399 });
    for (let scrape = 0; scrape < 2; scrape++) {
      expect(await read('face_id_search_recall_checked_total')).toBe(400);
      expect(await read('face_id_search_recall_found_total')).toBe(399);
    }
  });

  it('show what was swept, where something is', async () => {
    expect(await (await start()).text()).not.toContain('face_id_retention');
    const ended = new Date('2026-11-30T12:00:00Z');
    const { read } = await start({ sweeps: () => ({ erased: 3, last: { due: 1, ended } }) });
    for (let scrape = 0; scrape < 2; scrape++) expect(await read('face_id_retention_erased_total')).toBe(3);
    expect(await read('face_id_retention_due')).toBe(1);
    expect(await read('face_id_retention_last_sweep_timestamp_seconds')).toBe(ended.getTime() / 1000);
    const fresh = await start({ sweeps: () => ({ erased: 0, last: null }) });
    expect(await fresh.read('face_id_retention_due')).toBeNaN();
    expect(await fresh.read('face_id_retention_last_sweep_timestamp_seconds')).toBeNaN();
  });

  it('are each app’s own', async () => {
    const [first, second] = [await start(), await start()];
    await first.infer(photo(1, 2));
    expect(await first.read('face_id_faces_total')).toBe(2);
    expect(await second.read('face_id_faces_total')).toBe(0);
  });
});
