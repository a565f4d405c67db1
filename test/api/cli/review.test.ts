import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { unknownsConfig } from '../../../face_id_api/config.ts';
import { startClient } from '../client/start-client.ts';
import { noisyPhoto, photo } from '../face_id_api/fake-deps.ts';
import { faceId, faceIdJson } from './face-id-in-process.ts';

let twin: string;
beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'face-id-review-'));
  twin = path.join(folder, 'twin.jpg');
  await writeFile(twin, noisyPhoto(3, 80));
  return () => rm(folder, { recursive: true });
});

const start = () => startClient({}, { unknowns: unknownsConfig.parse({ keep: true }) });

describe('face-id identities reject', () => {
  it('keeps faces like the one of the photo from matching', async () => {
    const { url, enrol, client } = await start();
    await enrol('ada', 3);
    const { code, output } = await faceId(['identities', 'reject', 'ada', twin], { url });
    expect({ code, output }).toEqual({ code: 0, output: 'Faces like this one are not taken for ada any more.\n' });
    expect((await client.infer(noisyPhoto(3, 85))).faces[0]).toMatchObject({ decision: 'unknown', rejected: 1 });
    const given = await faceIdJson(['identities', 'reject', 'eve', '-'], { url, input: noisyPhoto(3, 80) });
    expect(given).toMatchObject({ code: 4, error: { code: 'UNKNOWN_ID' }, result: null });
  });
});

describe('face-id review', () => {
  it('lists who may be enrolled twice, and no more once they are told apart', async () => {
    const { url, enrol, client } = await start();
    await enrol('ada', 1);
    await enrol('ada.2', 1);
    await client.identities.update('ada', { name: 'Ada Lovelace' });
    const { code, output } = await faceId(['review', 'duplicates'], { url });
    expect(code).toBe(0);
    expect(output).toMatch(/ada \(Ada Lovelace\) +│ ada\.2 +│ 1\.000 +│ 99\.8 %/);
    expect(output).toContain('1 pair that may be one person each.');
    const told = await faceId(['review', 'dismiss', 'ada', 'ada.2'], { url });
    expect(told.output).toBe('ada and ada.2 are two people.\n');
    expect((await faceId(['review', 'duplicates'], { url })).output).toBe('Nobody seems to be enrolled twice.\n');
    await faceId(['review', 'restore', 'ada.2', 'ada'], { url });
    const { result } = await faceIdJson(['review', 'duplicates', '--threshold', '0.99'], { url });
    expect(result.pairs).toMatchObject([{ a: { id: 'ada' }, b: { id: 'ada.2' } }]);
  });

  it('lists groups of unknown faces, and enrols one', async () => {
    const { url, client } = await start();
    for (const one of [photo(1), noisyPhoto(1, 10), photo(5)]) await client.infer(one);
    const { result } = await faceIdJson(['review', 'unknowns'], { url });
    expect(result).toMatchObject({ faces: 3, clusters: [{ size: 2 }] });
    const { output } = await faceId(['review', 'unknowns', '--min-size', '1'], { url });
    expect(output).toMatch(new RegExp(`${result.clusters[0].id} +│ 2 +│ 0\\.99\\d`));
    expect(output).toContain('3 unknown faces are kept, each for 30 days.');
    const enrolled = await faceId(['review', 'enrol', result.clusters[0].id, '2577', '--name', 'Eve'], { url });
    expect(enrolled.output).toBe('2577: 2 of 2 faces enrolled, 2 templates in all.\n');
    expect(await client.identities.get(2577)).toMatchObject({ name: 'Eve', templates: 2 });
    const gone = await faceIdJson(['review', 'enrol', result.clusters[0].id, 'x'], { url });
    expect(gone).toMatchObject({ code: 4, error: { code: 'CLUSTER_NOT_FOUND' } });
  });

  it('says where unknown faces are not kept', async () => {
    const { url } = await startClient();
    expect((await faceId(['review', 'unknowns'], { url })).output).toContain('unknowns.keep');
  });
});
