import { writeRepository } from './fixture-repository.ts';
import { describeModelControl } from './model-control-contract.ts';
import { openEmbeddedTriton } from './open-embedded-triton.ts';

describeModelControl('the embedded Triton', async ({ models, loadAtStart }) => {
  const repository = await writeRepository(models);
  const triton = await openEmbeddedTriton(repository.directory, {
    modelControl: { mode: 'explicit', loadModels: loadAtStart },
  });
  return {
    address: triton.address,
    repository: repository.directory,
    async close() {
      await triton.close();
      await repository.remove();
    },
  };
});
