import { describe, inject, it } from 'vitest';
import { fixtureModels, writeRepository } from '../../contract/triton/fixture-repository.ts';
import { describeHttp } from '../../contract/triton/http-contract.ts';
import { startRealTriton } from './start-real-triton.ts';

const real = inject('realTriton');

if ('missing' in real) {
  describe('the real NVIDIA Triton', () => {
    it.skip(`skipped: ${real.missing}`);
  });
} else {
  describeHttp('the real NVIDIA Triton', async () => {
    const repository = await writeRepository(fixtureModels);
    const triton = await startRealTriton(real.run, repository.directory);
    return {
      httpAddress: new URL(triton.httpUrl).host,
      async close() {
        await triton.close();
        await repository.remove();
      },
    };
  });
}
