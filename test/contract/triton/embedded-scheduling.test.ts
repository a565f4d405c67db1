import { writeRepository } from './fixture-repository.ts';
import { openEmbeddedTriton } from './open-embedded-triton.ts';
import { describeScheduling, schedulingModels } from './scheduling-contract.ts';

describeScheduling('the embedded server', async () => {
  const repository = await writeRepository(schedulingModels);
  const triton = await openEmbeddedTriton(repository.directory);
  return {
    address: triton.address,
    async close() {
      await triton.close();
      await repository.remove();
    },
  };
});
