import { expect, it } from 'vitest';
import { unknownsConfig } from '../../../face_id_api/config.ts';
import { noisyPhoto, photo, vectorOf } from '../face_id_api/fake-deps.ts';
import { startClient } from './start-client.ts';

it('the SDK rejects a face by its photo or its embedding, lists and forgets it', async () => {
  const { client, enrol } = await startClient();
  await enrol(7, 3);
  const [first] = await client.rejections.add(7, noisyPhoto(3, 80));
  const embeddings = [[...vectorOf(3, 95)]];
  const [second] = await client.rejections.add(7, { embeddings, fingerprint: 'fp-fake', detector: 'mtcnn' });
  expect(await client.rejections.list(7)).toEqual([first, second]);
  expect((await client.infer(noisyPhoto(3, 85))).faces[0]).toMatchObject({ decision: 'unknown', rejected: 1 });
  expect(await client.rejections.delete(7, first!.id)).toMatchObject({ deleted: { templates: 1 } });
  expect(await client.rejections.list(7)).toEqual([second]);
  await expect(client.rejections.add('7', photo(3))).rejects.toMatchObject({ code: 'UNKNOWN_ID' });
});

it('the SDK walks all duplicates, and tells two people apart', async () => {
  const { client, enrol } = await startClient();
  for (let i = 0; i < 6; i++) for (const twin of ['x', 'y']) await enrol(`${i}-${twin}`, i);
  const pairs = await Array.fromAsync(client.duplicates.list({ limit: 1 }));
  expect(pairs.map(({ a, b }) => `${a.id} ${b.id}`)).toEqual([0, 1, 2, 3, 4, 5].map(i => `${i}-x ${i}-y`));
  expect(await client.duplicates.dismiss('0-x', '0-y')).toEqual({ a: '0-x', b: '0-y', distinct: true });
  expect(await Array.fromAsync(client.duplicates.list())).toHaveLength(5);
  expect(await client.duplicates.restore('0-y', '0-x')).toMatchObject({ distinct: false });
  expect(await Array.fromAsync(client.duplicates.list())).toHaveLength(6);
});

it('the SDK lists, enrols and erases unknown faces', async () => {
  const { client } = await startClient({}, { unknowns: unknownsConfig.parse({ keep: true }) });
  for (const one of [photo(1), photo(1), photo(1), photo(5), photo(5), photo(6)]) await client.infer(one);
  const { clusters } = await client.unknowns.clusters({ min_size: 1 });
  expect(clusters.map(({ size }) => size)).toEqual([3, 2, 1]);
  const [first, second] = clusters;
  expect(await client.unknowns.enrol(first!.id, { id: 'ann', templates: 2 })).toMatchObject({ enrolled: 2, faces: 3 });
  expect(await client.unknowns.delete(second!.id)).toMatchObject({ deleted: { templates: 2 } });
  expect(await client.unknowns.deleteAll()).toMatchObject({ deleted: { templates: 1 } });
  expect(await client.unknowns.clusters()).toMatchObject({ clusters: [], faces: 0 });
});
