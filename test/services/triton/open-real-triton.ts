import { fixtureModels, writeRepository } from '../../contract/triton/fixture-repository.ts';
import type { OpenTriton } from '../../contract/triton/open-triton.ts';
import { startRealTriton } from './start-real-triton.ts';

/**
 * NVIDIA's server as the contract's suites want it.
 * @param run the `run.sh` of `install.sh`
 */
export function openRealTriton(run: string): OpenTriton {
  return async ({ models = fixtureModels } = {}) => {
    const { directory, remove } = await writeRepository(models);
    const triton = await startRealTriton(run, directory);
    return {
      address: triton.address,
      repository: directory,
      async close() {
        await triton.close();
        await remove();
      },
    };
  };
}
