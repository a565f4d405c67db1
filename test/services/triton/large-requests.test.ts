import { describe, expect, inject, it } from 'vitest';
import { describeLargeRequests, largeModels } from '../../contract/triton/large-requests-contract.ts';
import { openEmbedded } from '../../contract/triton/open-embedded-triton.ts';
import { openRawWire } from '../../contract/triton/raw-wire.ts';
import { openRealTriton } from './open-real-triton.ts';

const mebibyte = 1024 * 1024;
const real = inject('realTriton');

describeLargeRequests('the embedded Triton', openEmbedded, 200);

describe('the embedded Triton', () => {
  it('refuses more than it takes, and serves on', async () => {
    const triton = await openEmbedded({ models: largeModels });
    const wire = openRawWire(triton.address);
    const request = (bytes: number) => ({
      modelName: 'id_UINT64',
      inputs: [{ name: 'IN', datatype: 'UINT64', shape: [1n, BigInt(bytes / 8)] }],
      rawInputContents: [new Uint8Array(bytes)],
    });
    await expect(wire.infer(request(202 * mebibyte))).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect((await wire.infer(request(8))).modelName).toBe('id_UINT64');
    wire.close();
    await triton.close();
  });
});

if ('missing' in real) {
  describe('the real NVIDIA Triton', () => {
    it.skip(`skipped: ${real.missing}`);
  });
} else {
  describeLargeRequests('the real NVIDIA Triton', openRealTriton(real.run), 200);
}
