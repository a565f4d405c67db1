import { create, type JsonValue, toJson } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ModelInferRequestSchema, ModelInferResponseSchema } from '../../../proto/gen/grpc_service_pb.ts';
import { TritonError } from '../../../triton/client/triton-error.ts';
import { unaryCall } from '../../../triton/client/unary-call.ts';
import { modelInferMethod } from '../../../triton/model-infer-method.ts';
import type { InferInit } from '../../contract/triton/observed-refusals.ts';
import { openEmbedded } from '../../contract/triton/open-embedded-triton.ts';
import { openRealTriton } from './open-real-triton.ts';

const real = inject('realTriton');

/** The same requests on every run: a new one may find a difference at any time, and that is no fault of the change that is tested. */
const seed = 20241024;
const requests = 1_000;

describe.skipIf('missing' in real)(
  `the embedded and the real Triton, asked at random${'missing' in real ? ` (skipped: ${real.missing})` : ''},`,
  () => {
    const closers: (() => unknown)[] = [];
    let embedded: Client;
    let nvidia: Client;

    beforeAll(async () => {
      if ('missing' in real) return;
      for (const open of [openEmbedded, openRealTriton(real.run)]) {
        const server = await open();
        closers.push(() => server.close());
        const client = new Client(server.address, credentials.createInsecure());
        closers.push(() => client.close());
        if (open === openEmbedded) embedded = client;
        else nvidia = client;
      }
    });
    afterAll(async () => {
      for (const close of closers.reverse()) await close();
    });

    it(`give the same answers and refusals to ${requests} requests, most of them wrong`, {
      timeout: 300_000,
    }, async () => {
      let answered = 0;
      const check = fc.asyncProperty(request, async init => {
        const [ours, theirs] = await Promise.all([outcome(embedded, init), outcome(nvidia, init)]);
        if ('answer' in theirs) answered++;
        // Triton hands an empty batch to the model, where ONNX Runtime fails or the answer never comes.
        if ('text' in ours && ours.text.endsWith('expected a batch size of at least 1, got 0')) return;
        expect(ours).toEqual(theirs);
      });
      await fc.assert(check, { seed, numRuns: requests });
      expect(answered).toBeGreaterThan(requests / 20);
    });
  },
);

type Outcome = { readonly answer: JsonValue } | { readonly code: string; readonly text: string };

async function outcome(client: Client, init: InferInit): Promise<Outcome> {
  try {
    const request = create(ModelInferRequestSchema, init);
    const answer = await unaryCall(client, modelInferMethod, request, { deadlineMs: 20_000 });
    return { answer: toJson(ModelInferResponseSchema, answer) };
  } catch (error) {
    if (!(error instanceof TritonError)) throw error;
    return { code: error.code, text: error.message };
  }
}

type InputInit = NonNullable<InferInit['inputs']>[number];

/** The models' inputs as they should be, with as many values as their shapes say; then one thing or another goes wrong. */
const models = {
  identity: [{ name: 'INPUT0', datatype: 'FP32', dims: [4] }],
  two: [
    { name: 'A', datatype: 'FP32', dims: [4] },
    { name: 'B', datatype: 'FP32', dims: [3] },
  ],
  int32: [{ name: 'IN', datatype: 'INT32', dims: [3] }],
} as const;

const often = <T>(usual: T, ...others: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 12 }, ...others.map(arbitrary => ({ arbitrary, weight: 1 })));

const request: fc.Arbitrary<InferInit> = fc
  .record({
    model: fc.constantFrom(...(Object.keys(models) as (keyof typeof models)[])),
    rows: often(1, fc.integer({ min: -1, max: 9 })),
    typed: fc.boolean(),
  })
  .chain(({ model, rows, typed }) => {
    const inputs = models[model].map(input => inputOf(input, rows, typed));
    return fc.record({
      modelName: often<string>(model, fc.constantFrom('nope', '')),
      modelVersion: often('', fc.constantFrom('1', '2', '0', '-1', 'abc', '01', '1x', ' 1', '9999999999999999999')),
      id: fc.constantFrom('', 'id-1', 'an id'),
      tensors: often(0, fc.constantFrom(1, 2)).chain(fault => list(inputs, fault)),
      outputs: often<string[]>([], fc.subarray(['OUTPUT0', 'SA', 'SB', 'OUT', 'NOPE'], { maxLength: 2 })),
      parameters: often({}, parameters),
      extra: often<Uint8Array[]>([], fc.constant([new Uint8Array(4)])),
    });
  })
  .map(({ modelName, modelVersion, id, tensors, outputs, parameters, extra }) => ({
    modelName,
    modelVersion,
    id,
    parameters,
    inputs: tensors.map(({ input }) => input),
    rawInputContents: [...tensors.flatMap(({ raw }) => (raw === null ? [] : [raw])), ...extra],
    outputs: outputs.map(name => ({ name })),
  }));

type Tensor = { readonly input: InputInit; readonly raw: Uint8Array | null };

/** All inputs; or (1) all but the first, or (2) the first twice. */
function list(inputs: readonly fc.Arbitrary<Tensor>[], fault: number): fc.Arbitrary<Tensor[]> {
  const chosen = fault === 1 ? inputs.slice(1) : fault === 2 ? [...inputs, inputs[0]!] : inputs;
  return fc.tuple(...chosen).chain(tensors => fc.shuffledSubarray(tensors, { minLength: tensors.length }));
}

function inputOf(
  { name, datatype, dims }: { name: string; datatype: string; dims: readonly number[] },
  rows: number,
  typed: boolean,
): fc.Arbitrary<Tensor> {
  const shape = often([rows, ...dims], fc.array(fc.integer({ min: -2, max: 5 }), { maxLength: 3 }));
  return fc
    .record({
      name: often(name, fc.constantFrom('INPUT0', 'B', 'X')),
      datatype: often(datatype, fc.constantFrom('FP32', 'INT32', 'INT64', 'UINT8', 'BYTES', 'FP16', 'BF16', 'NONE')),
      shape,
      surplus: often(0, fc.integer({ min: -4, max: 4 })),
      kind: often(typed ? datatype : 'raw', fc.constantFrom('raw', 'FP32', 'INT32', 'none', 'both')),
    })
    .map(({ name, datatype, shape, surplus, kind }) => {
      const count = Math.max(0, shape.reduce((product, size) => product * Math.abs(size), 1) + surplus);
      const values = Array.from({ length: count }, (_, i) => i);
      const contents = kind === 'INT32' ? { intContents: values } : { fp32Contents: values };
      const hasContents = kind !== 'raw' && kind !== 'none';
      const input = { name, datatype, shape: shape.map(BigInt), ...(hasContents && { contents }) };
      return {
        input,
        raw: kind === 'raw' || kind === 'both' ? new Uint8Array(Float32Array.from(values).buffer) : null,
      };
    });
}

const parameters = fc
  .record({
    key: fc.constantFrom('priority', 'timeout', 'sequence_id', 'sequence_start', 'triton_x', 'mine'),
    value: fc.constantFrom(
      { case: 'stringParam' as const, value: 'x' },
      { case: 'int64Param' as const, value: 0n },
      { case: 'boolParam' as const, value: true },
      { case: 'doubleParam' as const, value: 0.5 },
    ),
  })
  .map(({ key, value }) => ({ [key]: { parameterChoice: value } }));
