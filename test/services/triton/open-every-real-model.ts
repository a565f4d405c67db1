import { fixtureModels, type ModelFiles, writeRepository } from '../../contract/triton/fixture-repository.ts';
import type { OpenTriton } from '../../contract/triton/triton-contract.ts';
import { startRealTriton } from './start-real-triton.ts';

/** NVIDIA's server in explicit model control that has loaded all of the models. `run`: as `startRealTriton` takes it. */
export const openEveryRealModel =
  (run: string, models: Readonly<Record<string, ModelFiles>> = fixtureModels): OpenTriton =>
  async () => {
    const repository = await writeRepository(models);
    const flags = ['--model-control-mode=explicit', '--load-model=*'];
    const triton = await startRealTriton(run, repository.directory, flags);
    return {
      address: triton.address,
      async close() {
        await triton.close();
        await repository.remove();
      },
    };
  };
