import { create } from '@bufbuild/protobuf';
import { onTestFinished } from 'vitest';
import { DataType, type ModelConfig, ModelConfigSchema } from '../../../../proto/gen/model_config_pb.ts';
import { createTritonClient, type TritonClientOptions } from '../../../../triton/client/create-triton-client.ts';
import type { InferRequest, TritonClient } from '../../../../triton/client/triton-client.ts';
import { type FakeHandlers, type FakeTriton, openFakeTriton } from './open-fake-triton.ts';

/** A client and the fake server that it talks to, closed after the test. */
export async function clientAndFake(
  handlers: FakeHandlers,
  options: Partial<TritonClientOptions> = {},
): Promise<{ client: TritonClient; fake: FakeTriton }> {
  const fake = await openFakeTriton(handlers);
  const client = createTritonClient({ address: fake.address, deadlineMs: 20_000, ...options });
  onTestFinished(async () => {
    await client.close({ graceMs: 0 });
    fake.close();
  });
  return { client, fake };
}

/** A request that a model of `configOf` takes. */
export const request: InferRequest = {
  model: 'm',
  inputs: [{ name: 'IN', datatype: 'FP32', shape: [1, 2], data: new Uint8Array(8) }],
};

export function configOf(maxBatchSize: number): ModelConfig {
  return create(ModelConfigSchema, {
    name: 'm',
    maxBatchSize,
    input: [{ name: 'IN', dataType: DataType.TYPE_FP32, dims: [2n] }],
    output: [{ name: 'OUT', dataType: DataType.TYPE_FP32, dims: [2n] }],
  });
}

export const answer = {
  modelName: 'm',
  modelVersion: '1',
  outputs: [{ name: 'OUT', datatype: 'FP32', shape: [1n, 2n] }],
  rawOutputContents: [new Uint8Array(8)],
};
