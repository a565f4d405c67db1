import { fixtureModels, writeRepository } from '../../contract/triton/fixture-repository.ts';
import type { OpenTriton } from '../../contract/triton/open-triton.ts';
import { startRealTriton } from './start-real-triton.ts';

/**
 * NVIDIA's server as the contract's suites want it.
 * @param run the `run.sh` of `install.sh`
 */
export function openRealTriton(run: string): OpenTriton {
  return async ({ models = fixtureModels, loadAtStart } = {}) => {
    const { directory, remove } = await writeRepository(models);
    const flags = loadAtStart?.map(name => `--load-model=${name}`) ?? [];
    const control = loadAtStart === undefined ? 'none' : 'explicit';
    const triton = await startRealTriton(run, directory, [`--model-control-mode=${control}`, ...flags]);
    return {
      address: triton.address,
      httpAddress: new URL(triton.httpUrl).host,
      repository: directory,
      async close() {
        await triton.close();
        await remove();
      },
    };
  };
}
