import { readdir } from 'node:fs/promises';
import { readDetectorChoice } from '../../../triton/build/detector-choice.ts';
import { inspectModel } from '../../../triton/build/inspect-model.ts';
import { modelDir } from '../../../triton/build/model-folders.ts';
import type { KnownModel } from '../../../triton/build/registry/known-model.ts';
import { findKnownModel, knownModels } from '../../../triton/build/registry/known-models.ts';
import { verifyModel } from '../../../triton/build/verify-model.ts';
import { type CheckContext, type Finding, fault, ok, reasonOf, warning } from '../finding.ts';

/** The configured models, file by file against their cards, and the folder that new ones come from. */
export async function checkModels(context: CheckContext): Promise<Finding[]> {
  const { config, models } = context;
  const findings = [await checkModel('models.embedder', config.models.embedder, 'embedder', context)];
  if (config.detector.url === 'embedded') {
    const choice = await readDetectorChoice(models.dataDir);
    const name = choice?.wanted === config.detector.name ? choice.name : config.detector.name;
    findings.push(await checkModel('detector.name', name, 'detector', context));
    if (name !== config.detector.name) findings.push(replaced(config.detector.name, name));
  }
  if (config.models.mirror !== null) findings.push(await checkMirror(config.models.mirror));
  return findings;
}

async function checkModel(
  check: string,
  name: string,
  kind: KnownModel['kind'],
  { models }: CheckContext,
): Promise<Finding> {
  const known = knownModels.filter(model => model.kind === kind);
  let model: KnownModel;
  try {
    model = findKnownModel(name, known);
  } catch (error) {
    return fault(check, reasonOf(error), `Set ${check} to one of ${known.map(({ name }) => name).join(', ')}.`);
  }
  const state = await inspectModel(model, models);
  if (state.state === 'absent') {
    const places = model.places.filter(place => models.sources.has(place)).map(place => models.sources.locate(place));
    return warning(
      check,
      `${name} is not installed; the first start builds it from ${places.join(', or ')}`,
      `Nothing, with a connection. Without one: put its weights into models.mirror, then \`face-id models add ${name}\`.`,
    );
  }
  const remedy = `Build it again: \`face-id models add ${name}\`.`;
  if (state.state !== 'ready') return fault(check, `${name} is ${state.state}: ${state.reason}`, remedy);
  const wrong = (await verifyModel(model, modelDir(model, models))).filter(verdict => verdict.state !== 'ok');
  if (wrong.length === 0) return ok(check, `${name} is installed, every file as its card says`);
  const files = wrong.map(({ file, state, detail }) => `${file} is ${state}${detail === '' ? '' : ` (${detail})`}`);
  return fault(check, `${name}: ${files.join('; ')}`, remedy);
}

function replaced(wanted: string, used: string): Finding {
  return warning(
    'detector.name',
    `${used} is used in place of ${wanted}, which no source delivered`,
    `To have ${wanted}: \`face-id models add ${wanted}\`; people who are enrolled should be enrolled again.`,
  );
}

async function checkMirror(mirror: string): Promise<Finding> {
  try {
    const folders = await readdir(mirror);
    return ok('models.mirror', `${mirror} holds ${folders.length} entries`);
  } catch (error) {
    const remedy = 'Name a folder that is there, or null: models then come from their packages and authors.';
    return warning('models.mirror', `${mirror} cannot be read: ${reasonOf(error)}`, remedy);
  }
}
