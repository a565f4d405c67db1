import { describe, expect, it } from 'vitest';
import type { OpenTriton } from './open-triton.ts';
import { openRawWire } from './raw-wire.ts';
import { rpcModels } from './rpc-models.ts';

const { id_UINT64 } = rpcModels;

/** The model that takes much at once. */
export const largeModels = { id_UINT64: id_UINT64! };

/** One request and answer of many MiB. */
export function describeLargeRequests(name: string, open: OpenTriton, mebibytes: number): void {
  describe(`${name}, asked much at once`, () => {
    it(`gives ${mebibytes} MiB back as they came`, async () => {
      const server = await open({ models: largeModels });
      const wire = openRawWire(server.address);
      const count = mebibytes * 128 * 1024;
      const words = new Uint32Array(2 * count);
      for (let index = 0; index < words.length; index++) words[index] = Math.imul(index, 0x9e3779b1);
      const data = new Uint8Array(words.buffer);
      const answer = await wire.infer({
        modelName: 'id_UINT64',
        inputs: [{ name: 'IN', datatype: 'UINT64', shape: [1n, BigInt(count)] }],
        rawInputContents: [data],
      });
      expect(answer.outputs).toMatchObject([{ shape: [1n, BigInt(count)] }]);
      // Buffers are compared in one go.
      expect(Buffer.compare(answer.rawOutputContents[0] ?? new Uint8Array(), data)).toBe(0);
      wire.close();
      await server.close();
    });
  });
}
