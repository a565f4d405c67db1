import os from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { readCalibration } from '../calibration-file.ts';
import type { ModelCard } from '../card.ts';
import { cropSpecs } from '../core/crop-spec.ts';
import { createCard, fingerprintOfModel } from './create-card.ts';
import { ModelError, messageOf } from './model-error.ts';
import { type ModelFolders, modelDir } from './model-folders.ts';
import type { Progress } from './progress.ts';
import { type GraphTensor, readTensors } from './read-tensors.ts';
import type { BuildOptions, BuiltFile, KnownModel } from './registry/known-model.ts';
import { type FetchedWeights, fetchWeights } from './sources/fetch-weights.ts';
import type { Sources } from './sources/source.ts';
import { sweepLeftovers, writeStagedFolder } from './staged-folder.ts';
import { createModelConfig, formatModelConfig } from './write-model-config.ts';

/** Every instance holds the weights once more; beyond this the operator decides, in config.pbtxt. */
const maxInstances = 16;

export type InstallOptions = ModelFolders & {
  /** `models.mirror_crop`; without effect on a model that cannot. */
  readonly mirrorCrop: boolean;
  /** `models.commercial_only`. */
  readonly commercialOnly: boolean;
  readonly sources: Sources;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

export type InstalledModel = { readonly name: string; readonly dir: string; readonly card: ModelCard };

type Graphs = { readonly built: readonly BuiltFile[]; readonly inputs: GraphTensor[]; readonly outputs: GraphTensor[] };

/**
 * Fetches a model's weights, checks and builds them, and puts the finished folder in place of what was there: whole or
 * not at all. Rejects with NOT_CLEARED, SOURCES_FAILED, BUILD_FAILED or WRITE_FAILED, and with the signal's reason when it fires.
 */
export async function installModel(model: KnownModel, options: InstallOptions): Promise<InstalledModel> {
  refuseUncleared(model, options.commercialOnly);
  const { progress, signal } = options;
  const dir = modelDir(model, options);
  progress.start(
    model.name,
    model.weights.reduce((sum, file) => sum + file.bytes, 0),
  );
  try {
    await sweepLeftovers(options.repository);
    await sweepLeftovers(options.detectorModelDir);
    const { name: named, weights, places } = model;
    const fetched = await fetchWeights({ model: named, weights, places, sources: options.sources, progress, signal });
    progress.step('building', sizeOf(fetched));
    // Building blocks the thread: let the line above be drawn, and a pending interruption be seen, before it.
    await setImmediate();
    signal.throwIfAborted();
    const buildOptions = buildOptionsOf(model, options);
    const graphs = buildGraphs(model, fetched, buildOptions);
    const sums = fetched.sums.map(sum => sum.sha256);
    const fingerprint = fingerprintOfModel(model, sums, buildOptions);
    const calibration = (await readCalibration(options.calibrationDir, model.name, fingerprint)) ?? [];
    const card = createCard(model, { ...graphs, weights: fetched, options: buildOptions, calibration });
    progress.step('writing', sizeOf(fetched));
    await place(dir, filesOf(model, graphs, card), options);
    progress.done(`installed in ${dir}`);
    return { name: model.name, dir, card };
  } catch (error) {
    progress.done('not installed');
    throw error;
  }
}

/** Throws NOT_CLEARED, with the reason, when only cleared models are wanted and this is none. */
export function refuseUncleared(model: KnownModel, commercialOnly: boolean): void {
  if (!commercialOnly || model.commercial) return;
  throw new ModelError(
    'NOT_CLEARED',
    `${model.name} is not cleared for commercial use and models.commercial_only is true. ${model.commercialNote} ` +
      'What to do: choose one that "npm run models" lists as cleared or, once you have cleared it yourself, set models.commercial_only: false.',
  );
}

/** What the operator's options mean for this model. */
export function buildOptionsOf(model: KnownModel, options: { readonly mirrorCrop: boolean }): BuildOptions {
  return { mirrorCrop: model.canMirrorCrop && options.mirrorCrop };
}

function buildGraphs(model: KnownModel, fetched: FetchedWeights, options: BuildOptions): Graphs {
  try {
    const built = model.build(fetched.files, options);
    const tensors = built.map(file => ({ file: file.path, ...readTensors(file.bytes) }));
    if (model.kind === 'detector') {
      const qualify = (file: string) => (tensor: GraphTensor) => ({ ...tensor, name: `${file}:${tensor.name}` });
      return {
        built,
        inputs: tensors.flatMap(graph => graph.inputs.map(qualify(graph.file))),
        outputs: tensors.flatMap(graph => graph.outputs.map(qualify(graph.file))),
      };
    }
    const graphs = { built, inputs: tensors.flatMap(t => t.inputs), outputs: tensors.flatMap(t => t.outputs) };
    checkEmbedder(model, graphs);
    return graphs;
  } catch (error) {
    const text = `${model.name}: its weights are what was expected, but no model came of them: ${messageOf(error)}`;
    throw new ModelError('BUILD_FAILED', text, { cause: error });
  }
}

/** The contract of every embedder: INPUT__0 [n, 3, s, s] with the crop's side, OUTPUT__0 FP32 [n, dim]. */
function checkEmbedder(model: KnownModel, { inputs, outputs }: Graphs): void {
  const side = model.crop === null ? 0 : cropSpecs[model.crop].size;
  const got = [...inputs, ...outputs].map(t => `${t.name} ${t.datatype} [${t.shape.join(', ')}]`).join('; ');
  const pattern = new RegExp(
    `^INPUT__0 (UINT8|FP32) \\[-1, 3, ${side}, ${side}\\]; OUTPUT__0 FP32 \\[-1, [1-9]\\d*\\]$`,
  );
  if (pattern.test(got)) return;
  throw new Error(
    `graph: expected INPUT__0 UINT8 or FP32 [-1, 3, ${side}, ${side}]; OUTPUT__0 FP32 [-1, dim], got ${got}`,
  );
}

function filesOf(model: KnownModel, { built, inputs, outputs }: Graphs, card: ModelCard): BuiltFile[] {
  const text = new TextEncoder();
  const files = [...built, { path: 'card.json', bytes: text.encode(`${JSON.stringify(card, null, 2)}\n`) }];
  if (model.kind === 'detector') return files;
  const instances = Math.min(maxInstances, Math.max(2, os.availableParallelism()));
  const config = createModelConfig({ name: model.name, inputs, outputs, instances });
  return [...files, { path: 'config.pbtxt', bytes: text.encode(formatModelConfig(config)) }];
}

async function place(dir: string, files: readonly BuiltFile[], { signal }: InstallOptions): Promise<void> {
  try {
    await writeStagedFolder(dir, files, signal);
  } catch (error) {
    signal.throwIfAborted();
    const text = `${dir}: could not be written: ${messageOf(error)}. What to do: see that the folder can be written to and has space`;
    throw new ModelError('WRITE_FAILED', text, { cause: error });
  }
}

function sizeOf(fetched: FetchedWeights): number {
  return [...fetched.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
}
