import { describe, expect, inject, it } from 'vitest';
import { writeRepository } from '../../contract/triton/fixture-repository.ts';
import { describeLargeRequests } from '../../contract/triton/large-requests-contract.ts';
import { openEmbeddedTriton } from '../../contract/triton/open-embedded-triton.ts';
import { openRawWire } from '../../contract/triton/raw-wire.ts';
import { rpcModels } from '../../contract/triton/rpc-models.ts';
import { startRealTriton } from './start-real-triton.ts';

const models = Object.fromEntries(Object.entries(rpcModels).filter(([name]) => name === 'id_UINT64'));
const mebibyte = 1024 * 1024;
const real = inject('realTriton');

async function openEmbedded() {
  const repository = await writeRepository(models);
  const triton = await openEmbeddedTriton(repository.directory, { threads: 1 });
  return { address: triton.address, close: () => triton.close().then(repository.remove) };
}

describeLargeRequests('the embedded Triton', openEmbedded, 200);

describe('the embedded Triton', () => {
  it('refuses more than it takes, and serves on', async () => {
    const triton = await openEmbedded();
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
  describeLargeRequests(
    'the real NVIDIA Triton',
    async () => {
      const repository = await writeRepository(models);
      const triton = await startRealTriton(real.run, repository.directory);
      return { address: triton.address, close: () => triton.close().then(repository.remove) };
    },
    200,
  );
}
