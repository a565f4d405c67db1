import path from 'node:path';
import { clone } from '@bufbuild/protobuf';
import {
  type ModelConfig,
  ModelConfigSchema,
  type ModelInput,
  type ModelOutput,
} from '../../../proto/gen/model_config_pb.ts';
import type { OnnxPool } from '../../onnx-pool/job.ts';
import type { LoadInput, LoadOutput } from '../../onnx-pool/load-job.ts';
import type { ServedModel, TensorSpec } from '../infer/served-model.ts';
import { toDatatype } from './config-datatype.ts';
import { completeTensors, contradictsGraph } from './match-graph.ts';
import { readLabels } from './read-labels.ts';
import { refuseConfig } from './refuse-config.ts';

const loadJob = new URL('../../onnx-pool/load-job.ts', import.meta.url);
const releaseJob = new URL('../../onnx-pool/release-job.ts', import.meta.url);

/**
 * Loads one version's file into every worker and checks it against its configuration.
 * @throws Error whose message says why the version cannot be served, in the form of Triton's reasons
 */
export async function loadModel(
  pool: OnnxPool,
  folderConfig: ModelConfig,
  version: string,
  modelPath: string,
): Promise<ServedModel> {
  const config = clone(ModelConfigSchema, folderConfig);
  const refused = refuseConfig(config);
  if (refused !== undefined) throw new Error(`Invalid argument: ${refused}`);
  const graph = await pool.run<LoadInput, LoadOutput>(loadJob, { modelPath }).catch(cause => {
    throw new Error(`Internal: ${cause instanceof Error ? cause.message : cause}`, { cause });
  });
  completeTensors(config, graph);
  const contradiction = refuseConfig(config) ?? contradictsGraph(config, graph);
  if (contradiction !== undefined) {
    await releaseModel(pool, modelPath);
    throw new Error(`Invalid argument: ${contradiction}`);
  }
  const outputs = await Promise.all(config.output.flatMap(output => withLabels(output, modelPath)));
  await pool.runEverywhere<LoadInput>(loadJob, { modelPath });
  return {
    name: config.name,
    version,
    modelPath,
    config,
    inputs: config.input.flatMap(toSpec),
    outputs,
  };
}

/** Drops the file's sessions from every worker. */
export async function releaseModel(pool: OnnxPool, modelPath: string): Promise<void> {
  await pool.runEverywhere<LoadInput>(releaseJob, { modelPath });
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
