import { describe, inject, it } from 'vitest';
import { fixtureModels, type ModelFiles, writeRepository } from '../../contract/triton/fixture-repository.ts';
import { describeRpcs } from '../../contract/triton/rpc-contract.ts';
import { rpcModels } from '../../contract/triton/rpc-models.ts';
import { describeTriton, type OpenTriton } from '../../contract/triton/triton-contract.ts';
import { startRealTriton } from './start-real-triton.ts';

const real = inject('realTriton');

if ('missing' in real) {
  describe('the real NVIDIA Triton', () => {
    it.skip(`skipped: ${real.missing}`);
  });
} else {
  const openOver =
    (models: Readonly<Record<string, ModelFiles>>): OpenTriton =>
    async () => {
      const repository = await writeRepository(models);
      const triton = await startRealTriton(real.run, repository.directory);
      return {
        address: triton.address,
        async close() {
          await triton.close();
          await repository.remove();
        },
      };
    };

  describeTriton('the real NVIDIA Triton', openOver(fixtureModels));
  describeRpcs('the real NVIDIA Triton', openOver(rpcModels));
}
