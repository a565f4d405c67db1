import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createTritonClient } from '../../../triton/client/create-triton-client.ts';
import type { TritonClient } from '../../../triton/client/triton-client.ts';
import { toFloat32Array } from '../../../triton/core/tensor.ts';
import { openEmbeddedTriton } from '../../contract/triton/open-embedded-triton.ts';
import { installedEmbedder } from '../../end_to_end/test-models.ts';
import { startRealTriton } from './start-real-triton.ts';

const real = inject('realTriton');
const model = 'dlib_resnet';
describe.skipIf('missing' in real)(
  `the embedded and the real Triton over the same folder${'missing' in real ? ` (skipped: ${real.missing})` : ''}`,
  () => {
    const size = 150;
    const itemBytes = 3 * size * size;
    const rows = 4;
    const closers: (() => Promise<void> | void)[] = [];
    let embedded: TritonClient;
    let nvidia: TritonClient;

    beforeAll(async () => {
      if ('missing' in real) return;
      const repository = await mkdtemp(path.join(tmpdir(), 'triton-same-'));
      closers.push(() => rm(repository, { recursive: true, force: true }));
      await cp(await installedEmbedder(), path.join(repository, model), { recursive: true });
      const ours = await openEmbeddedTriton(repository);
      closers.push(() => ours.close());
      const theirs = await startRealTriton(real.run, repository);
      closers.push(() => theirs.close());
      embedded = createTritonClient({ address: ours.address, deadlineMs: 60_000 });
      nvidia = createTritonClient({ address: theirs.address, deadlineMs: 60_000 });
      closers.push(
        () => embedded.close(),
        () => nvidia.close(),
      );
    });

    afterAll(async () => {
      for (const close of closers.reverse()) await close();
    });

    it('gives the same embeddings within 1e-4, alone and in a batch', async () => {
      const data = facelikePixels(rows, size);
      const [ours, theirs] = [await embed(embedded, data, rows), await embed(nvidia, data, rows)];
      expect(ours.length).toBe(rows * 128);
      expect(largestDifference(ours, theirs)).toBeLessThan(1e-4);
      for (let row = 0; row < rows; row++) {
        const alone = await embed(embedded, data.subarray(row * itemBytes, (row + 1) * itemBytes), 1);
        expect(largestDifference(alone, theirs.subarray(row * 128, (row + 1) * 128))).toBeLessThan(1e-4);
      }
      // Different pixels have different embeddings: equal ones above say something.
      expect(largestDifference(ours.subarray(0, 128), ours.subarray(128, 256))).toBeGreaterThan(1e-2);
    });

    it('describes the model alike', async () => {
      expect(await embedded.modelMetadata(model)).toEqual(await nvidia.modelMetadata(model));
    });

    async function embed(client: TritonClient, data: Uint8Array, count: number): Promise<Float32Array> {
      const inputs = [{ name: 'INPUT__0', datatype: 'UINT8' as const, shape: [count, 3, size, size], data }];
      const { outputs } = await client.infer({ model, inputs });
      return toFloat32Array(outputs.get('OUTPUT__0')?.data ?? new Uint8Array());
    }
  },
);

/** Smooth pictures with an oval, two dark spots and a bar, different in every row: nearer to a face than noise is. */
function facelikePixels(rows: number, size: number): Uint8Array {
  const pixels = new Uint8Array(rows * 3 * size * size);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const eyes = 0.3 + 0.03 * row;
    for (let channel = 0; channel < 3; channel++) {
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const [u, v] = [x / size, y / size];
          const inOval = ((u - 0.5) / 0.36) ** 2 + ((v - 0.5) / 0.46) ** 2 < 1;
          const eye = Math.min(Math.hypot(u - eyes, v - 0.42), Math.hypot(u - 1 + eyes, v - 0.42));
          const mouth = Math.abs(v - 0.72) < 0.02 + 0.01 * row && Math.abs(u - 0.5) < 0.15;
          const skin = 150 - 20 * channel + 40 * Math.sin(3 * u + row) * Math.cos(2 * v);
          pixels[at++] = mouth ? 80 : eye < 0.05 ? 40 : inOval ? skin : 90 + 10 * row;
        }
      }
    }
  }
  return pixels;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - (b[index] ?? Number.NaN))), 0);
}
