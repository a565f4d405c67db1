import { describe, inject, it } from 'vitest';
import { fixtureModels, writeRepository } from '../../contract/triton/fixture-repository.ts';
import { describeTriton } from '../../contract/triton/triton-contract.ts';
import { startRealTriton } from './start-real-triton.ts';

const real = inject('realTriton');

if ('missing' in real) {
  describe('the real NVIDIA Triton', () => {
    it.skip(`skipped: ${real.missing}`);
  });
} else {
  describeTriton('the real NVIDIA Triton', async () => {
    const repository = await writeRepository(fixtureModels);
    const triton = await startRealTriton(real.run, repository.directory);
    return {
      address: triton.address,
      async close() {
        await triton.close();
        await repository.remove();
      },
    };
  });
}
