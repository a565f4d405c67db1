import { describe, inject, it } from 'vitest';
import { writeRepository } from '../../contract/triton/fixture-repository.ts';
import { describeScheduling, schedulingModels } from '../../contract/triton/scheduling-contract.ts';
import { startRealTriton } from './start-real-triton.ts';

const real = inject('realTriton');

if ('missing' in real) {
  describe('the queue of the real NVIDIA Triton', () => {
    it.skip(`skipped: ${real.missing}`);
  });
} else {
  describeScheduling('the real NVIDIA Triton', async () => {
    const repository = await writeRepository(schedulingModels);
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
