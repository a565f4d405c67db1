import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { tensor } from '../../../triton/client/create-tensor.ts';
import { createTritonClient } from '../../../triton/client/create-triton-client.ts';
import { valuesOf } from '../../../triton/client/read-tensor.ts';
import type { InferRequest, NamedTensor, TritonClient } from '../../../triton/client/triton-client.ts';
import { fixtureModels, writeRepository } from '../../contract/triton/fixture-repository.ts';
import { startRealTriton } from './start-real-triton.ts';

/** Answers as often as it is told; fails for a negative count. */
const repeat = {
  config: `
    backend: "python"
    max_batch_size: 0
    model_transaction_policy { decoupled: true }
    input [ { name: "COUNT" data_type: TYPE_INT32 dims: [ 1 ] } ]
    output [ { name: "OUT" data_type: TYPE_INT32 dims: [ 1 ] } ]
    instance_group [ { count: 1 kind: KIND_CPU } ]`,
  python: `
import numpy as np
import triton_python_backend_utils as pb

class TritonPythonModel:
    def execute(self, requests):
        for request in requests:
            sender = request.get_response_sender()
            count = int(pb.get_input_tensor_by_name(request, "COUNT").as_numpy()[0])
            if count < 0:
                sender.send(pb.InferenceResponse(error=pb.TritonError("count is negative")))
            for k in range(count):
                sender.send(pb.InferenceResponse([pb.Tensor("OUT", np.array([k], dtype=np.int32))]))
            sender.send(flags=pb.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
        return None
`,
};

const real = inject('realTriton');
const skipped = 'missing' in real ? ` (skipped: ${real.missing})` : '';

describe.skipIf(skipped !== '')(`the client, over the real NVIDIA Triton alone,${skipped}`, () => {
  let client: TritonClient;
  let close = async (): Promise<void> => undefined;

  beforeAll(async () => {
    if ('missing' in real) return;
    const { add, identity } = fixtureModels;
    const repository = await writeRepository({ add, identity, repeat: { config: repeat.config, versions: {} } });
    const version = path.join(repository.directory, 'repeat/1');
    await mkdir(version);
    await writeFile(path.join(version, 'model.py'), repeat.python);
    const triton = await startRealTriton(real.run, repository.directory);
    client = createTritonClient({ address: triton.address, deadlineMs: 60_000 });
    close = async () => {
      await client.close();
      await triton.close();
      await repository.remove();
    };
  });

  afterAll(() => close());

  describe('with a decoupled model', () => {
    const counting = (count: number): InferRequest => ({
      model: 'repeat',
      inputs: [tensor('COUNT', 'INT32', [1], [count])],
    });

    it('reads all answers of several requests at once', async () => {
      const stream = client.openStream();
      const counts = [0, 1, 5, 300];
      const answers = await Promise.all(
        counts.map(async count => {
          const values: number[] = [];
          for await (const { outputs } of stream.responses(counting(count))) {
            values.push(...valuesOf(outputs.get('OUT'), 'INT32'));
          }
          return values;
        }),
      );
      expect(answers).toEqual(counts.map(count => Array.from({ length: count }, (_, k) => k)));
      await stream.close();
    });

    it('gives the one answer, or says that there was another number of them', async () => {
      const stream = client.openStream();
      const outcomes = await Promise.allSettled([1, 0, 2].map(count => stream.infer(counting(count))));
      expect(outcomes).toMatchObject([
        { value: { model: 'repeat' } },
        { reason: { code: 'FAILED_PRECONDITION', message: 'expected one answer, got none' } },
        { reason: { code: 'FAILED_PRECONDITION', message: 'expected one answer, got more: use responses()' } },
      ]);
      const negative = { code: 'UNKNOWN', message: 'count is negative', model: 'repeat' };
      await expect(stream.infer(counting(-1))).rejects.toMatchObject(negative);
      await expect(client.infer(counting(1))).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
      await stream.close();
    });

    it('goes on after a reader who left early', async () => {
      const stream = client.openStream({ maxInFlight: 1 });
      for await (const { outputs } of stream.responses(counting(2000))) {
        if (valuesOf(outputs.get('OUT'), 'INT32')[0] === 3) break;
      }
      expect((await stream.infer(counting(1))).model).toBe('repeat');
      await stream.close();
    });
  });

  it('reads an input from shared memory and writes an output there', async () => {
    const key = `/face-id-client-test-${process.pid}`;
    const file = path.join('/dev/shm', key);
    const values = Float32Array.of(1, 2, 3, 4);
    try {
      await writeFile(file, Buffer.concat([Buffer.from(values.buffer), Buffer.alloc(16)]));
      await client.systemSharedMemory.register({ name: 'both', key, byteSize: 32 });
      expect(await client.systemSharedMemory.status('both')).toEqual([
        { name: 'both', key, offset: 0n, byteSize: 32n },
      ]);
      const far = (name: string): NamedTensor => ({
        name,
        datatype: 'FP32',
        shape: [1, 4],
        data: new Uint8Array(),
        sharedMemory: { region: 'both', byteSize: 16 },
      });
      const near = tensor('B', 'FP32', [1, 4], [10, 20, 30, 40]);
      const sharedMemory = { region: 'both', byteSize: 16, offset: 16 };
      const { outputs } = await client.infer({
        model: 'add',
        inputs: [far('A'), near],
        outputs: [{ name: 'SUM', sharedMemory }],
      });
      expect(outputs.get('SUM')).toEqual({ datatype: 'FP32', shape: [1, 4], data: new Uint8Array(), sharedMemory });
      const written = new Uint8Array(await readFile(file)).slice(16);
      expect(new Float32Array(written.buffer)).toEqual(Float32Array.of(11, 22, 33, 44));
      await client.systemSharedMemory.unregister('both');
      expect(await client.systemSharedMemory.status()).toEqual([]);
    } finally {
      await rm(file, { force: true });
    }
  });
});
