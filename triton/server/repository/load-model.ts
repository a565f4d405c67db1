import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { clone } from '@bufbuild/protobuf';
import { ModelConfigSchema, type ModelInput, type ModelOutput } from '../../../proto/gen/model_config_pb.ts';
import type { OnnxPool } from '../../onnx-pool/job.ts';
import type { LoadInput, LoadOutput } from '../../onnx-pool/load-job.ts';
import { PoolError } from '../../onnx-pool/pool-error.ts';
import type { ServedModel, TensorSpec } from '../infer/served-model.ts';
import { StatusError } from '../status-error.ts';
import { toDatatype } from './config-datatype.ts';
import { completeConfig, contradictsGraph } from './match-graph.ts';
import { readLabels } from './read-labels.ts';
import type { VersionSource } from './read-model-folder.ts';
import { refuseConfig } from './refuse-config.ts';
import { warmUp } from './warm-up.ts';

const loadJob = new URL('../../onnx-pool/load-job.ts', import.meta.url);
const releaseJob = new URL('../../onnx-pool/release-job.ts', import.meta.url);

/**
 * Loads one version's file into every worker, checks it against its configuration and runs its warm-up.
 * @param signal ends the warm-up before its next run
 * @throws Error whose message says why the version cannot be served, in the form of Triton's reasons; nothing stays loaded
 */
export async function loadModel(pool: OnnxPool, source: VersionSource, signal: AbortSignal): Promise<ServedModel> {
  const config = clone(ModelConfigSchema, source.config);
  const { version, modelPath } = source;
  const session = { modelPath, sessionId: randomUUID() };
  try {
    refuse(refuseConfig(config));
    const graph = await pool.run<LoadInput, LoadOutput>(loadJob, session);
    refuse(completeConfig(config, graph) ?? refuseConfig(config) ?? contradictsGraph(config, graph));
    await pool.runEverywhere<LoadInput>(loadJob, session);
    const model = {
      ...session,
      name: config.name,
      version,
      config,
      inputs: config.input.flatMap(toSpec),
      outputs: await Promise.all(config.output.flatMap(output => withLabels(output, modelPath))),
    };
    await warmUp(pool, model, source.warmupDir, signal);
    return model;
  } catch (error) {
    await releaseModel(pool, session);
    throw new Error(reasonOf(error), { cause: error });
  }
}

/** Drops a load's sessions from every worker. Those of a pool that is closed, or of a thread that died, are gone already. */
export async function releaseModel(pool: OnnxPool, { modelPath, sessionId }: LoadInput): Promise<void> {
  await pool.runEverywhere<LoadInput>(releaseJob, { modelPath, sessionId }).catch(error => {
    if (!(error instanceof PoolError)) throw error;
  });
}

function refuse(text: string | undefined): void {
  if (text !== undefined) throw new StatusError('INVALID_ARGUMENT', text);
}

/** Triton's reasons begin with a status in words. What the runtime says bears none, and is internal. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof StatusError)) return `Internal: ${text}`;
  return `${error.code === 'INVALID_ARGUMENT' ? 'Invalid argument' : 'Internal'}: ${text}`;
}

/** A version's file lies two folders deep. */
function withLabels(output: ModelOutput, modelPath: string): Promise<TensorSpec>[] {
  const modelFolder = path.resolve(modelPath, '../..');
  return toSpec(output).map(async spec => ({ ...spec, labels: await readLabels(modelFolder, output.labelFilename) }));
}

function toSpec({ name, dataType, dims }: ModelInput | ModelOutput): TensorSpec[] {
  const datatype = toDatatype(dataType);
  return datatype === undefined ? [] : [{ name, datatype, dims: dims.map(Number) }];
}
