import { describe, inject, it } from 'vitest';
import { writeRepository } from '../../contract/triton/fixture-repository.ts';
import { describeModelControl } from '../../contract/triton/model-control-contract.ts';
import { startRealTriton } from './start-real-triton.ts';

const real = inject('realTriton');

if ('missing' in real) {
  describe('the real NVIDIA Triton', () => {
    it.skip(`skipped: ${real.missing}`);
  });
} else {
  describeModelControl('the real NVIDIA Triton', async ({ models, loadAtStart }) => {
    const repository = await writeRepository(models);
    const loads = loadAtStart.map(model => `--load-model=${model}`);
    const triton = await startRealTriton(real.run, repository.directory, ['--model-control-mode=explicit', ...loads]);
    return {
      address: triton.address,
      repository: repository.directory,
      async close() {
        await triton.close();
        await repository.remove();
      },
    };
  });
}
