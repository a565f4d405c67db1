import { describe, expect, it } from 'vitest';
import { noisyPhoto, photo, vectorOf } from './fake-deps.ts';
import { startApi } from './start-api.ts';

describe('POST /infer?format=arrays', () => {
  it('answers with flat lists, one entry per face', async () => {
    const { infer, enrol } = await startApi();
    await enrol(2576, 3);
    await enrol('ada', 4);
    const reply = await infer(photo(3, 4), '?format=arrays');
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({
      cos_id: [2576, 'ada'],
      cos_conf: [1, 1],
      euc_id: [2576, 'ada'],
      euc_conf: [1, 1],
      bb: [
        [10, 20, 111, 150],
        [11, 20, 112, 150],
      ],
      emb: [[...vectorOf(3)], [...vectorOf(4)]],
    });
  });

  it('names the nearest below any threshold, with the distance that its cosine means', async () => {
    const { infer, enrol } = await startApi();
    await enrol(7, 3);
    const { cos_id, cos_conf, euc_conf, emb } = (await infer(noisyPhoto(3, 200), '?format=arrays')).json();
    expect(cos_id).toEqual([7]);
    expect(cos_conf[0]).toBeLessThan(0.5);
    const distance = Math.hypot(...vectorOf(3).map((value, i) => value - emb[0][i]));
    expect(euc_conf[0]).toBeCloseTo(1 / (1 + distance), 6);
    // The same photo as faces: nobody known.
    expect((await infer(noisyPhoto(3, 200))).json().faces[0].id).toBeNull();
  });

  it('leaves the vectors out with embeddings=false', async () => {
    const { infer, enrol } = await startApi();
    await enrol(7, 3);
    const without = (await infer(photo(3), '?format=arrays&embeddings=false')).json();
    expect(Object.keys(without)).toEqual(['cos_id', 'cos_conf', 'euc_id', 'euc_conf', 'bb']);
    expect((await infer(photo(3), '?format=arrays&embeddings=true')).json().emb).toHaveLength(1);
  });

  it('answers with empty lists in an empty gallery, and for a photo without a face', async () => {
    const { infer, enrol } = await startApi();
    const empty = { cos_id: [], cos_conf: [], euc_id: [], euc_conf: [], bb: [], emb: [] };
    expect((await infer(photo(3), '?format=arrays')).json()).toEqual(empty);
    await enrol(7, 3);
    expect((await infer(photo(), '?format=arrays')).json()).toEqual(empty);
  });

  it.each(['threshold=0.5', 'threshold=0', 'fmr=0.01', 'top_k=3'])(
    'refuses %s, which it would not heed',
    async rule => {
      const { infer } = await startApi();
      const reply = await infer(photo(1), `?format=arrays&${rule}`);
      expect(reply.json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST', issues: [{ path: 'query.format' }] });
    },
  );
});
