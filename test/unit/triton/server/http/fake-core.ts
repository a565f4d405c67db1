import { create } from '@bufbuild/protobuf';
import {
  type ModelInferRequest,
  type ModelInferResponse,
  ModelInferResponseSchema,
} from '../../../../../proto/gen/grpc_service_pb.ts';
import { ModelConfigSchema } from '../../../../../proto/gen/model_config_pb.ts';
import type { InferenceCore } from '../../../../../triton/server/inference-core.ts';

const unasked = (): never => {
  throw new Error('nobody asks this here');
};

/** A core with one model, whose inference is the test's. */
export function fakeCore(infer: InferenceCore['infer']): InferenceCore {
  return {
    serverLive: () => true,
    serverReady: () => true,
    serverMetadata: unasked,
    modelReady: unasked,
    modelMetadata: unasked,
    modelConfig: () => create(ModelConfigSchema, { name: 'model' }),
    modelStatistics: unasked,
    repositoryIndex: unasked,
    loadModel: unasked,
    unloadModel: unasked,
    infer,
    traceSettings: { update: unasked },
    logSettings: { update: unasked },
  };
}

/** An answer with one output, of these bytes. */
export function answerWith(data: Uint8Array, { id }: ModelInferRequest): ModelInferResponse {
  return create(ModelInferResponseSchema, {
    modelName: 'model',
    modelVersion: '1',
    id,
    outputs: [{ name: 'OUT', datatype: 'UINT8', shape: [BigInt(data.length)] }],
    rawOutputContents: [data],
  });
}
