import { fixtureModels, writeRepository } from '../../contract/triton/fixture-repository.ts';
import type { OpenTriton } from '../../contract/triton/triton-contract.ts';
import { startRealTriton } from './start-real-triton.ts';

/** NVIDIA's server over the fixture models in explicit model control, all of them loaded. */
export async function openEveryRealModel(run: string): ReturnType<OpenTriton> {
  const repository = await writeRepository(fixtureModels);
  const flags = ['--model-control-mode=explicit', '--load-model=*'];
  const triton = await startRealTriton(run, repository.directory, flags);
  return {
    address: triton.address,
    async close() {
      await triton.close();
      await repository.remove();
    },
  };
}
