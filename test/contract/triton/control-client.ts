import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import {
  GRPCInferenceService,
  ModelStatisticsRequestSchema,
  RepositoryModelLoadRequestSchema,
  RepositoryModelUnloadRequestSchema,
} from '../../../proto/gen/grpc_service_pb.ts';
import { createTritonClient } from '../../../triton/client/create-triton-client.ts';
import type { TritonClient } from '../../../triton/client/triton-client.ts';
import { unaryCall } from '../../../triton/client/unary-call.ts';
import { grpcMethod } from '../../../triton/grpc-definition.ts';

export type ControlParameter = string | boolean | bigint | Uint8Array;

/** What tests of model control ask of a Triton, past the checks of a client: parameters may be wrong. */
export type ControlClient = {
  readonly triton: TritonClient;
  load(model: string, parameters?: Readonly<Record<string, ControlParameter>>): Promise<void>;
  unload(model: string, parameters?: Readonly<Record<string, ControlParameter>>): Promise<void>;
  /** Lines `name version state reason` of the index; of one model where it is named. */
  index(model?: string): Promise<string[]>;
  /** Lines `version inferences` of the statistics: of each version that answers. */
  counts(model: string): Promise<string[]>;
  /** What a model of one float32 tensor makes of 1, 2, 3, 4, and the version that did. */
  ask(model: string, version?: string): Promise<{ readonly version: string; readonly values: readonly number[] }>;
  close(): void;
};

const { modelStatistics, repositoryModelLoad, repositoryModelUnload } = GRPCInferenceService.method;
const deadlineMs = 60_000;

export function createControlClient(address: string): ControlClient {
  const triton = createTritonClient({ address, deadlineMs });
  const raw = new Client(address, credentials.createInsecure());
  return {
    triton,
    async load(modelName, parameters = {}) {
      const request = create(RepositoryModelLoadRequestSchema, { modelName, parameters: toMessages(parameters) });
      await unaryCall(raw, grpcMethod(repositoryModelLoad), request, { deadlineMs });
    },
    async unload(modelName, parameters = {}) {
      const request = create(RepositoryModelUnloadRequestSchema, { modelName, parameters: toMessages(parameters) });
      await unaryCall(raw, grpcMethod(repositoryModelUnload), request, { deadlineMs });
    },
    async index(model) {
      const entries = (await triton.repositoryIndex()).filter(({ name }) => model === undefined || name === model);
      return entries.map(({ name, version, state, reason }) => [name, version, state, reason].join(' ').trimEnd());
    },
    async counts(name) {
      const request = create(ModelStatisticsRequestSchema, { name });
      const { modelStats } = await unaryCall(raw, grpcMethod(modelStatistics), request, { deadlineMs });
      return modelStats.map(({ version, inferenceCount }) => `${version} ${inferenceCount}`);
    },
    async ask(model, version) {
      const data = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
      const inputs = [{ name: 'INPUT0', datatype: 'FP32' as const, shape: [1, 4], data }];
      const answer = await triton.infer({ model, ...(version !== undefined && { version }), inputs });
      const bytes = answer.outputs.get('OUTPUT0')?.data.slice();
      return { version: answer.version, values: [...new Float32Array(bytes?.buffer ?? new ArrayBuffer())] };
    },
    close() {
      triton.close();
      raw.close();
    },
  };
}

type LoadParameters = NonNullable<MessageInitShape<typeof RepositoryModelLoadRequestSchema>['parameters']>;

function toMessages(parameters: Readonly<Record<string, ControlParameter>>): LoadParameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([key, value]) => [key, { parameterChoice: toChoice(value) }]),
  );
}

function toChoice(value: ControlParameter) {
  if (typeof value === 'string') return { case: 'stringParam' as const, value };
  if (typeof value === 'boolean') return { case: 'boolParam' as const, value };
  if (typeof value === 'bigint') return { case: 'int64Param' as const, value };
  return { case: 'bytesParam' as const, value };
}
