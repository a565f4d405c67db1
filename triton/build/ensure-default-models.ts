import { choicesPath, readDetectorChoice, writeDetectorChoice } from './detector-choice.ts';
import { inspectModel } from './inspect-model.ts';
import { type InstalledModel, type InstallOptions, installModel, refuseUncleared } from './install-model.ts';
import { ModelError } from './model-error.ts';
import { modelDir } from './model-folders.ts';
import { refreshCalibration } from './refresh-calibration.ts';
import type { KnownModel } from './registry/known-model.ts';
import { findKnownModel, knownModels } from './registry/known-models.ts';
import { sweepLeftovers } from './staged-folder.ts';

export type EnsureOptions = InstallOptions & {
  /** `data_dir`, where the choice of the detector is kept. */
  readonly dataDir: string;
  readonly models?: readonly KnownModel[];
};

/**
 * The configured embedder, installed. One that is there already costs a look at its card and at file sizes, and asks no
 * source. Rejects as `installModel` does, and with UNKNOWN_MODEL.
 */
export async function ensureEmbedder(name: string, options: EnsureOptions): Promise<InstalledModel> {
  return await ensureInstalled(findOfKind(name, 'embedder', options), options);
}

/**
 * The detector that this installation uses. The first time it is `wanted`, or its fallback where no source delivers it;
 * that is written down, and from then on it stays until the operator decides otherwise. Rejects as `ensureEmbedder` does.
 */
export async function ensureDetector(wanted: string, options: EnsureOptions): Promise<InstalledModel> {
  const model = findOfKind(wanted, 'detector', options);
  const choice = await readDetectorChoice(options.dataDir);
  if (choice === null || choice.wanted !== wanted) return await chooseDetector(model, options);
  if (choice.name !== wanted) {
    options.progress.note(
      `detector: ${choice.name} is used in place of ${wanted}, as chosen on ${choice.at} (${choice.reason}). ` +
        `To change that: npm run models -- add ${wanted}`,
    );
  }
  return await ensureInstalled(findOfKind(choice.name, 'detector', options), options);
}

async function chooseDetector(model: KnownModel, options: EnsureOptions): Promise<InstalledModel> {
  const choose = async (chosen: KnownModel, reason: string): Promise<InstalledModel> => {
    const installed = await ensureInstalled(chosen, options);
    const at = new Date().toISOString();
    await writeDetectorChoice(options.dataDir, { name: chosen.name, wanted: model.name, reason, at });
    return installed;
  };
  try {
    return await choose(model, 'as configured');
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== 'SOURCES_FAILED' || model.fallback === null) throw error;
    const fallback = findOfKind(model.fallback, 'detector', options);
    const installed = await choose(fallback, `no source delivered ${model.name}`);
    options.progress.note(
      `detector: ${fallback.name} takes the place of ${model.name} from now on (written to ` +
        `${choicesPath(options.dataDir)}). To change that: npm run models -- add ${model.name}`,
    );
    return installed;
  }
}

async function ensureInstalled(model: KnownModel, options: EnsureOptions): Promise<InstalledModel> {
  refuseUncleared(model, options.commercialOnly);
  await sweepLeftovers(options.repository);
  await sweepLeftovers(options.detectorModelDir);
  const dir = modelDir(model, options);
  const found = await inspectModel(model, options);
  if (found.state === 'ready') {
    return { name: model.name, dir, card: await refreshCalibration(dir, found.card, options.calibrationDir) };
  }
  if (found.state !== 'absent') options.progress.note(`${model.name} is built again: ${found.reason}`);
  return await installModel(model, options);
}

function findOfKind(name: string, kind: KnownModel['kind'], options: EnsureOptions): KnownModel {
  const models = (options.models ?? knownModels).filter(model => model.kind === kind);
  return findKnownModel(name, models);
}
