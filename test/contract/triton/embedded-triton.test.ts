import { fixtureModels, type ModelFiles, writeRepository } from './fixture-repository.ts';
import { describeLargeRequests } from './large-requests-contract.ts';
import { openEmbeddedTriton } from './open-embedded-triton.ts';
import { describeRpcs } from './rpc-contract.ts';
import { rpcModels } from './rpc-models.ts';
import { describeTriton, type OpenTriton } from './triton-contract.ts';

const openOver =
  (models: Readonly<Record<string, ModelFiles>>): OpenTriton =>
  async () => {
    const repository = await writeRepository(models);
    const triton = await openEmbeddedTriton(repository.directory);
    return {
      address: triton.address,
      async close() {
        await triton.close();
        await repository.remove();
      },
    };
  };

describeTriton('the embedded Triton', openOver(fixtureModels));
describeRpcs('the embedded Triton', openOver(rpcModels));
describeLargeRequests('the embedded Triton', openOver(rpcModels), 64);
