import { fixtureModels, writeRepository } from './fixture-repository.ts';
import { openEmbeddedTriton } from './open-embedded-triton.ts';
import type { OpenTriton } from './triton-contract.ts';

/** An embedded server over the fixture models in explicit model control, all of them loaded. */
export const openEveryModel: OpenTriton = async () => {
  const repository = await writeRepository(fixtureModels);
  const triton = await openEmbeddedTriton(repository.directory, {
    modelControl: { mode: 'explicit', loadModels: ['*'] },
  });
  return {
    address: triton.address,
    async close() {
      await triton.close();
      await repository.remove();
    },
  };
};
