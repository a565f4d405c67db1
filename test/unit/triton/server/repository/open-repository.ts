import { rm } from 'node:fs/promises';
import path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { ModelInferRequestSchema } from '../../../../../proto/gen/grpc_service_pb.ts';
import { createBufferShelf } from '../../../../../triton/onnx-pool/buffer-shelf.ts';
import type { OnnxPool } from '../../../../../triton/onnx-pool/job.ts';
import { createOnnxPool } from '../../../../../triton/onnx-pool/onnx-pool.ts';
import { createByteBudget } from '../../../../../triton/server/byte-budget.ts';
import { checkRequest } from '../../../../../triton/server/infer/check-request.ts';
import { createTritonMetrics, type TritonMetrics } from '../../../../../triton/server/prom-metrics.ts';
import type { ModelControl } from '../../../../../triton/server/repository/model-control.ts';
import { type ModelRepository, openRepository } from '../../../../../triton/server/repository/model-repository.ts';
import { type ModelFiles, writeRepository } from '../../../../contract/triton/fixture-repository.ts';

/** What a job may wait for, and what was run so far, by the jobs' file names. */
export type WatchedPool = OnnxPool & {
  readonly ran: string[];
  /** Called before each job; the job waits for it. */
  before: (job: string, input: unknown) => Promise<void>;
};

export type OpenedRepository = {
  readonly repository: ModelRepository;
  readonly directory: string;
  readonly pool: WatchedPool;
  readonly metrics: TritonMetrics;
  /** Reasons that were logged. */
  readonly warnings: string[];
  /** Of a model with one input of four float32: what it makes of 1, 2, 3, 4. */
  ask(model: string, version?: string): Promise<number[]>;
  index(model: string): Promise<string[]>;
  close(): Promise<void>;
};

/** A repository without a server in front, on threads of its own that can be watched. */
export async function openTestRepository(
  models: Readonly<Record<string, ModelFiles>>,
  control: ModelControl = { mode: 'explicit', loadModels: ['*'] },
): Promise<OpenedRepository> {
  const { directory } = await writeRepository(models);
  const pool = watch(createOnnxPool({ threads: 2, maxQueued: 1024 }));
  const warnings: string[] = [];
  const metrics = createTritonMetrics();
  const limits = { maxQueued: 1024, budget: createByteBudget(1e9) };
  const logger = {
    warn: (details: object) => void warnings.push(String(Reflect.get(details, 'reason'))),
    error: (details: object) => void warnings.push(String(Reflect.get(details, 'err'))),
  };
  const repository = await openRepository(
    directory,
    { pool, limits, shelf: createBufferShelf(8), metrics },
    { control, logger },
  );
  return {
    repository,
    directory,
    pool,
    metrics,
    warnings,
    async ask(modelName, version = '') {
      const { model, executor } = repository.find(modelName, version);
      const request = create(ModelInferRequestSchema, {
        modelName,
        inputs: [{ name: 'INPUT0', datatype: 'FP32', shape: [1n, 4n] }],
        rawInputContents: [new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)],
      });
      const [output] = await executor.infer(checkRequest(request, model));
      return [...new Float32Array(output?.data.slice().buffer ?? new ArrayBuffer())];
    },
    async index(model) {
      const entries = (await repository.index()).filter(({ name }) => name === model);
      return entries.map(({ version, state, reason }) => [version, state, reason].join(' ').trim());
    },
    async close() {
      await repository.close();
      await pool.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function watch(pool: OnnxPool): WatchedPool {
  const watched: WatchedPool = {
    ...pool,
    ran: [],
    before: async () => {},
    async run<Input, Output>(job: URL, input: Input, options?: Parameters<OnnxPool['run']>[2]): Promise<Output> {
      watched.ran.push(nameOf(job));
      await watched.before(nameOf(job), input);
      return pool.run<Input, Output>(job, input, options);
    },
    async runEverywhere<Input, Output>(job: URL, input: Input): Promise<readonly Output[]> {
      watched.ran.push(`${nameOf(job)} everywhere`);
      await watched.before(nameOf(job), input);
      return pool.runEverywhere<Input, Output>(job, input);
    },
  };
  return watched;
}

const nameOf = (job: URL): string => path.basename(job.pathname, '.ts');
