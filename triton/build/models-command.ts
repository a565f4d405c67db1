import path from 'node:path';
import { Command } from 'commander';
import { readDetectorChoice, writeDetectorChoice } from './detector-choice.ts';
import { inspectModel } from './inspect-model.ts';
import { type InstallOptions, installModel } from './install-model.ts';
import { ModelError } from './model-error.ts';
import { modelDir } from './model-folders.ts';
import { type ListedModel, renderModelsTable, toModelJson } from './models-table.ts';
import type { KnownModel } from './registry/known-model.ts';
import { findKnownModel, knownModels } from './registry/known-models.ts';
import { removeFolder } from './staged-folder.ts';
import { type FileVerdict, verifyModel } from './verify-model.ts';

export type ModelsCommandContext = InstallOptions & {
  /** `data_dir`, where the choice of the detector is kept. */
  readonly dataDir: string;
};

export type ModelsCommandDeps = {
  /** Called when a command runs: `--help` works whatever the configuration says. */
  readonly context: () => ModelsCommandContext | Promise<ModelsCommandContext>;
  readonly write: (text: string) => void;
  /** With `--json`, in place of text: what a command found out, and how it ends. */
  readonly writeJson: (command: string, exitCode: 0 | 1, result: unknown) => void;
  /** Called with 1 when something is wrong; the reason has been written. */
  readonly setExitCode: (code: number) => void;
  readonly models?: readonly KnownModel[];
};

/** `models`, with `add NAME...`, `verify` and `remove NAME`. */
export function createModelsCommand(deps: ModelsCommandDeps): Command {
  const { context, write, writeJson, setExitCode, models = knownModels } = deps;
  const fail = (text: string): void => {
    write(`${text}\n`);
    setExitCode(1);
  };
  /** Errors that are the operator's to read end a command; anything else is a fault of ours and goes on. */
  const guarded = async (
    work: (context: ModelsCommandContext) => Promise<void>,
    json: boolean = false,
  ): Promise<void> => {
    try {
      await work(await context());
    } catch (error) {
      // Who wants JSON gets errors as JSON too, from whoever runs this command.
      if (json || !(error instanceof ModelError)) throw error;
      fail(error.message);
    }
  };

  const command = new Command('models').description('list the known models; add, verify and remove them');
  // Commander would only say that there are too many arguments.
  command.option('--all', 'list the models that only tests and benchmarks use, too');
  command.option('--json', 'one JSON document');
  command.allowExcessArguments().action(({ all = false, json = false }: Listing, { args: [unknown] }: Command) => {
    if (unknown === undefined) return guarded(context => list(context, all, json), json);
    return fail(`models ${unknown}: expected nothing, or add, verify or remove`);
  });
  command
    .command('add')
    .description('fetch, check and build models; an installed one is built again')
    .argument('<name...>')
    .option('--from <file>', 'take the weights from this file; for one model, whose weights are one file')
    .action((names: string[], { from }: { from?: string }) => guarded(context => add(names, from, context)));
  command
    .command('verify')
    .description('compare the sum of every installed file with its card')
    .option('--json', 'one JSON document')
    .action((_: unknown, verifying: Command) => {
      const { json = false }: Listing = verifying.optsWithGlobals();
      return guarded(context => verify(context, json), json);
    });
  command
    .command('remove')
    .description('delete an installed model')
    .argument('<name>')
    .action((name: string) => guarded(context => remove(name, context)));
  return command;

  async function list(context: ModelsCommandContext, all: boolean, json: boolean): Promise<void> {
    const listed: ListedModel[] = [];
    for (const model of models) {
      const state = await inspectModel(model, context);
      if (all || !model.testOnly || state.state !== 'absent') listed.push({ model, state });
    }
    if (json) return writeJson('models', 0, { models: listed.map(one => toModelJson(one, context.sources)) });
    write(renderModelsTable(listed, context.sources));
    write('\nTo install one: npm run models -- add NAME\n');
    if (listed.length < models.length) write('Models for tests and benchmarks: npm run models -- --all\n');
  }

  async function add(names: readonly string[], from: string | undefined, context: ModelsCommandContext): Promise<void> {
    const known = names.map(name => findKnownModel(name, models));
    const wanted = from === undefined ? known : [takenFromFile(known, from)];
    for (const model of wanted) {
      try {
        await installModel(model, context);
      } catch (error) {
        // One model that cannot be had does not keep the next from being installed.
        if (!(error instanceof ModelError)) throw error;
        fail(error.message);
        continue;
      }
      write(`${await nextStep(model, context)}\n`);
    }
  }

  async function verify(context: ModelsCommandContext, json: boolean): Promise<void> {
    const verified: { readonly model: string; readonly files: readonly FileVerdict[] }[] = [];
    for (const model of models) {
      if ((await inspectModel(model, context)).state === 'absent') continue;
      verified.push({ model: model.name, files: await verifyModel(model, modelDir(model, context)) });
    }
    const isWrong = verified.some(({ files }) => files.some(verdict => verdict.state !== 'ok'));
    if (json) {
      writeJson('models verify', isWrong ? 1 : 0, { models: verified });
      return setExitCode(isWrong ? 1 : 0);
    }
    for (const { model, files } of verified) {
      for (const { file, state, detail } of files) {
        write(`${state.padEnd(7)} ${model}/${file}${detail === '' ? '' : `: ${detail}`}\n`);
      }
      if (files.some(verdict => verdict.state !== 'ok')) fail(`Build it again: npm run models -- add ${model}`);
    }
    if (verified.length === 0) write('No model is installed. To install one: npm run models -- add NAME\n');
  }

  async function remove(name: string, context: ModelsCommandContext): Promise<void> {
    const model = findKnownModel(name, models);
    const dir = modelDir(model, context);
    if (!(await removeFolder(dir))) {
      throw new ModelError('NOT_INSTALLED', `${name}: expected an installed model in ${dir}, got no such folder`);
    }
    write(`${name}: removed from ${dir}. To have it again: npm run models -- add ${name}\n`);
  }
}

type Listing = { readonly all?: boolean; readonly json?: boolean };

/** The model with the operator's file in place of its sources. */
function takenFromFile([model, ...others]: readonly KnownModel[], file: string): KnownModel {
  if (model === undefined || others.length > 0) {
    throw new ModelError('INVALID_OPTION', '--from: expected one model to take the weights for, got several');
  }
  const [weights, ...more] = model.weights;
  if (weights === undefined || more.length > 0 || model.places.some(place => place.kind === 'generated')) {
    const names = model.weights.map(({ name }) => name).join(', ');
    const text = `--from: expected a model whose weights are one file, got ${model.name} (${names}). Use models.mirror`;
    throw new ModelError('INVALID_OPTION', text);
  }
  return { ...model, places: [{ kind: 'file', path: path.resolve(file) }] };
}

/** What to do with a model that has just been installed. Adding the detector that was wanted settles that choice anew. */
async function nextStep(model: KnownModel, { dataDir }: ModelsCommandContext): Promise<string> {
  if (model.kind === 'embedder') return `To use it: models.embedder: ${model.name} in config.yaml`;
  const choice = await readDetectorChoice(dataDir);
  if (choice?.wanted !== model.name || choice.name === model.name) {
    return `To use it: detector.name: ${model.name} in config.yaml`;
  }
  const at = new Date().toISOString();
  await writeDetectorChoice(dataDir, { name: model.name, wanted: model.name, reason: 'added by hand', at });
  return (
    `From the next start on ${model.name} is used, no longer ${choice.name}. People enrolled so far were cut by ` +
    `${choice.name}'s landmarks: enrol them again for the best scores.`
  );
}
