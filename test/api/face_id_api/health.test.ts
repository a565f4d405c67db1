import { describe, expect, it } from 'vitest';
import { TritonError } from '../../../triton/client/triton-error.ts';
import { fakeOpenSet } from '../../unit/face_id_api/eval/open-set/fake-open-set.ts';
import { calibration, fakeCard, fakeFinder, fakeTriton } from './fake-deps.ts';
import { startApi } from './start-api.ts';

describe('/healthz and /readyz', () => {
  it('say ok and ready when everything answers', async () => {
    const { app } = await startApi();
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    const ok = { state: 'ok' };
    const reply = await app.inject('/readyz');
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({
      status: 'ready',
      checks: { detector: ok, embedder: ok, store: ok, decision: ok },
    });
  });

  it('name what is missing with 503', async () => {
    const finder = fakeFinder({ ready: async () => ({ ok: false, reason: 'no weights' }) });
    const client = fakeTriton({ modelReady: async () => Promise.reject(new TritonError('UNAVAILABLE', 'gone')) });
    const { app } = await startApi({ finder, client });
    const reply = await app.inject('/readyz');
    expect(reply.statusCode).toBe(503);
    expect(reply.json()).toMatchObject({
      status: 'not_ready',
      checks: {
        detector: { state: 'missing', reason: 'no weights' },
        embedder: { state: 'missing', reason: expect.stringMatching(/Triton does not answer/) },
        store: { state: 'ok' },
      },
    });
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  it('do not wait for what hangs', async () => {
    const finder = fakeFinder({ ready: () => new Promise(() => {}) });
    const { app } = await startApi({ finder, limits: { readyMs: 20 } });
    const reply = await app.inject('/readyz');
    expect(reply.statusCode).toBe(503);
    expect(reply.json().checks.detector).toEqual({ state: 'missing', reason: 'does not answer in time' });
  });

  it('say degraded with 200 where nothing was measured and a threshold is configured', async () => {
    const { app } = await startApi({ card: fakeCard({ calibration: [] }), threshold: 0.5 });
    const reply = await app.inject('/readyz');
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toMatchObject({ status: 'degraded', checks: { decision: { state: 'degraded' } } });
  });

  it('say that no rule can decide behind a detector that was not measured', async () => {
    const card = fakeCard({ calibration: [{ ...calibration, detector: 'ssd_mobilenetv1' }] });
    const { app } = await startApi({ card });
    const reply = await app.inject('/readyz');
    expect(reply.statusCode).toBe(503);
    expect(reply.json().checks.decision.reason).toMatch(/no calibration behind detector 'mtcnn': run `npm run eval`/);
  });
});

describe('GET /models', () => {
  it('shows each card in short, what is in use and what can work', async () => {
    const { app } = await startApi();
    expect((await app.inject('/models')).json()).toEqual({
      models: [
        {
          name: 'fake_embedder',
          kind: 'embedder',
          purpose: 'tests',
          licence: 'MIT',
          commercial: true,
          fingerprint: 'fp-fake',
          active: true,
          ready: true,
          calibration: [
            {
              detector: 'mtcnn',
              accuracy: 0.98,
              pairs: { same: 10, different: 10 },
              thresholds: calibration.thresholds.map(measured => ({ fnmr: null, ...measured })),
              open_set: null,
            },
          ],
        },
      ],
    });
  });

  it('shows how people are identified among strangers, where that was measured', async () => {
    const card = fakeCard({ calibration: [{ ...calibration, open_set: fakeOpenSet(40) }] });
    const { app } = await startApi({ card });
    const rate = { rate: 0.25, bounds: [0.01, 0.8] };
    expect((await app.inject('/models')).json().models[0].calibration[0].open_set).toEqual({
      identities: 40,
      templates: 6,
      rank_one: rate,
      failure_to_enrol: rate,
      rates: [
        { fpir: 0.01, supported: true, threshold: 0.5, fnir: rate },
        { fpir: 0.003, supported: false, threshold: null, fnir: null },
      ],
      faults: [{ fault: 'blur', fpir: rate, fnir: rate }],
    });
  });

  it('says not ready while Triton is down', async () => {
    const client = fakeTriton({ modelReady: async () => Promise.reject(new TritonError('UNAVAILABLE', 'gone')) });
    const { app } = await startApi({ client });
    expect((await app.inject('/models')).json()).toMatchObject({ models: [{ ready: false, active: true }] });
  });
});
