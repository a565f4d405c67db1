import { fixtureModels, writeRepository } from './fixture-repository.ts';
import { describeHttp } from './http-contract.ts';
import { openEmbeddedTriton } from './open-embedded-triton.ts';

describeHttp('the embedded Triton', async () => {
  const repository = await writeRepository(fixtureModels);
  const triton = await openEmbeddedTriton(repository.directory);
  return {
    httpAddress: triton.httpAddress,
    async close() {
      await triton.close();
      await repository.remove();
    },
  };
});
