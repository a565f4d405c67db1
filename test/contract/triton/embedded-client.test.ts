import { describeClient } from './client-contract.ts';
import { describeClientControl } from './client-control-contract.ts';
import { fixtureModels } from './fixture-repository.ts';
import { openEveryModel } from './open-every-model.ts';
import { rpcModels } from './rpc-models.ts';

describeClient('the embedded Triton', openEveryModel({ ...fixtureModels, ...rpcModels }));
describeClientControl('the embedded Triton', openEveryModel());
