import { create } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelInferRequestSchema } from '../../../proto/gen/grpc_service_pb.ts';
import { createGraphBuilder } from '../../../triton/build/onnx/graph-builder.ts';
import { unaryCall } from '../../../triton/client/unary-call.ts';
import { modelInferMethod } from '../../../triton/model-infer-method.ts';
import type { ModelFiles } from './fixture-repository.ts';
import { floats } from './observed-refusals.ts';
import type { OpenTriton } from './open-triton.ts';

const side = 512;

/** Tenths of a second of work for each request, with which it does nothing: OUT is IN. */
function slowModel(): Uint8Array {
  const graph = createGraphBuilder('slow');
  const input = graph.input('IN', 'FP32', ['n', 4]);
  const matrix = graph.constant('matrix', [side, side], new Float32Array(side * side).fill(1 / side));
  const row = graph.node('ReduceMean', [input], { keepdims: 0 });
  let product = graph.node('Mul', [matrix, row]);
  for (let i = 0; i < 20; i++) product = graph.node('MatMul', [product, matrix]);
  const mean = graph.node('ReduceMean', [product], { keepdims: 0 });
  graph.output(graph.node('Sub', [graph.node('Add', [input, mean]), mean], {}, 'OUT'), 'FP32', ['n', 4]);
  return graph.build();
}

function slow(queuePolicy: string): ModelFiles {
  return {
    config: `
      backend: "onnxruntime"
      max_batch_size: 1
      input [ { name: "IN" data_type: TYPE_FP32 dims: [ 4 ] } ]
      output [ { name: "OUT" data_type: TYPE_FP32 dims: [ 4 ] } ]
      instance_group [ { count: 1 kind: KIND_CPU } ]
      dynamic_batching { ${queuePolicy} }`,
    versions: { 1: slowModel() },
  };
}

const models = {
  short_queue: slow('default_queue_policy { max_queue_size: 2 }'),
  impatient: slow('default_queue_policy { default_timeout_microseconds: 100000 }'),
  patient: slow('default_queue_policy { default_timeout_microseconds: 60000000 allow_timeout_override: true }'),
  stubborn: slow('default_queue_policy { default_timeout_microseconds: 60000000 }'),
  endless: slow('default_queue_policy { allow_timeout_override: true }'),
  delaying: slow('default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 1 }'),
  ordered: slow('preserve_ordering: true'),
} satisfies Readonly<Record<string, ModelFiles>>;

/**
 * What holds for the queues of any Triton. Which request is refused is left open: a real
 * Triton takes one more out of its queue than it runs.
 */
export function describeScheduling(name: string, open: OpenTriton): void {
  describe(`the queue of ${name}`, () => {
    let raw: Client;
    let server: Awaited<ReturnType<OpenTriton>>;

    beforeAll(async () => {
      server = await open({ models });
      raw = new Client(server.address, credentials.createInsecure());
    });

    afterAll(async () => {
      raw?.close();
      await server?.close();
    });

    /** `ok`, or the code and the text of the refusal, of a request for each timeout (microseconds, 0: none), all sent at once. */
    function ask(model: keyof typeof models, timeouts: readonly number[]): Promise<string[]> {
      return Promise.all(
        timeouts.map(async (timeout, index) => {
          const request = create(ModelInferRequestSchema, {
            modelName: model,
            id: `r${index}`,
            parameters:
              timeout === 0 ? {} : { timeout: { parameterChoice: { case: 'int64Param', value: BigInt(timeout) } } },
            inputs: [{ name: 'IN', datatype: 'FP32', shape: [1n, 4n] }],
            rawInputContents: [floats(4)],
          });
          return await unaryCall(raw, modelInferMethod, request, { deadlineMs: 60_000 }).then(
            ({ id }) => (id === `r${index}` ? 'ok' : `the answer to ${id}`),
            error => `${error.code} ${error.message}`,
          );
        }),
      );
    }

    const expired = 'UNAVAILABLE Request timeout expired';
    const none = (count: number): number[] => Array.from({ length: count }, () => 0);

    it('refuses what it does not hold, by its id', async () => {
      const outcomes = await ask('short_queue', none(12));
      const refused = outcomes
        .map((outcome, index) => [outcome, index] as const)
        .filter(([outcome]) => outcome !== 'ok');
      expect(refused.map(([outcome]) => outcome)).toEqual(
        refused.map(([, index]) => `UNAVAILABLE [request id: r${index}] Exceeds maximum queue size`),
      );
      // Two wait. One runs, and a third may have been taken from the queue, where that happened before the last had come.
      expect(12 - refused.length).toBeGreaterThanOrEqual(2);
      expect(12 - refused.length).toBeLessThanOrEqual(4);
    });

    it('refuses what waits longer than it may', async () => {
      const outcomes = await ask('impatient', none(16));
      expect(new Set(outcomes)).toEqual(new Set(['ok', expired]));
    });

    it("lowers the time by a request's own timeout, where the model allows that", async () => {
      const own = [0, 0, 0, 0, 1, 1];
      const outcomes = await ask('patient', own);
      expect(outcomes).toEqual(own.map(timeout => (timeout === 0 ? 'ok' : expired)));
    });

    it("ignores a request's own timeout where the model does not allow it, or has none to lower", async () => {
      expect(new Set(await ask('stubborn', [0, 0, 1, 1]))).toEqual(new Set(['ok']));
      expect(new Set(await ask('endless', [0, 0, 1, 1]))).toEqual(new Set(['ok']));
    });

    it('runs late requests after all where they are delayed, and answers in order where that is preserved', async () => {
      expect(new Set(await ask('delaying', none(5)))).toEqual(new Set(['ok']));
      expect(new Set(await ask('ordered', none(5)))).toEqual(new Set(['ok']));
    });
  });
}
