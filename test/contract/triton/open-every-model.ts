import { fixtureModels, type ModelFiles, writeRepository } from './fixture-repository.ts';
import { openEmbeddedTriton } from './open-embedded-triton.ts';
import type { OpenTriton } from './triton-contract.ts';

/** An embedded server in explicit model control that has loaded all of the models. */
export const openEveryModel =
  (models: Readonly<Record<string, ModelFiles>> = fixtureModels): OpenTriton =>
  async () => {
    const repository = await writeRepository(models);
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
