import type { MessageInitShape } from '@bufbuild/protobuf';
import { GRPCInferenceService, type ModelRepositoryParameterSchema } from '../../proto/gen/grpc_service_pb.ts';
import type { Rpc } from './rpc.ts';
import type { LoadOptions, TritonClient } from './triton-client.ts';

const { method } = GRPCInferenceService;

/** Model control. `onChange` is told of each model that is loaded or unloaded, before and after. */
export function createRepositoryCalls(
  rpc: Rpc,
  onChange: (model: string) => void,
): Pick<TritonClient, 'repositoryIndex' | 'loadModel' | 'unloadModel'> {
  async function changing(model: string, work: () => Promise<unknown>): Promise<void> {
    onChange(model);
    try {
      await work();
    } finally {
      onChange(model);
    }
  }
  return {
    async repositoryIndex(options) {
      const { models } = await rpc(method.repositoryIndex, { ready: options?.ready ?? false }, options);
      return models.map(({ name, version, state, reason }) => ({ name, version, state, reason }));
    },
    loadModel(model, options) {
      const request = { modelName: model, parameters: loadParameters(options) };
      return changing(model, () => rpc(method.repositoryModelLoad, request, options, { model }));
    },
    unloadModel(model, options) {
      const value = options?.unloadDependents;
      const parameters: Record<string, ParameterInit> = {};
      if (value !== undefined) parameters.unload_dependents = parameter({ case: 'boolParam', value });
      const request = { modelName: model, parameters };
      return changing(model, () => rpc(method.repositoryModelUnload, request, options, { model }));
    },
  };
}

type ParameterInit = MessageInitShape<typeof ModelRepositoryParameterSchema>;

function parameter(parameterChoice: NonNullable<ParameterInit['parameterChoice']>): ParameterInit {
  return { parameterChoice };
}

/** Source: https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md */
function loadParameters({ config, files = {} }: LoadOptions = {}): Record<string, ParameterInit> {
  const overrides: Record<string, ParameterInit> = {};
  if (config !== undefined) {
    const value = typeof config === 'string' ? config : JSON.stringify(config);
    overrides.config = parameter({ case: 'stringParam', value });
  }
  for (const [path, value] of Object.entries(files)) {
    overrides[`file:${path}`] = parameter({ case: 'bytesParam', value });
  }
  return overrides;
}
