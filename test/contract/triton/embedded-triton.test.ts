import { fixtureModels, writeRepository } from './fixture-repository.ts';
import { openEmbeddedTriton } from './open-embedded-triton.ts';
import { describeTriton } from './triton-contract.ts';

describeTriton('the embedded Triton', async () => {
  const repository = await writeRepository(fixtureModels);
  const triton = await openEmbeddedTriton(repository.directory);
  return {
    address: triton.address,
    async close() {
      await triton.close();
      await repository.remove();
    },
  };
});
