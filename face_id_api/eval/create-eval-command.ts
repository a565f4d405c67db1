import path from 'node:path';
import { Command } from 'commander';
import type { FaceFinder } from '../../detector/face-finder.ts';
import type { ModelCard } from '../../triton/card.ts';
import { withExamples } from '../cli/with-examples.ts';
import type { CountProgress } from '../count-progress.ts';
import type { Embedder } from '../triton-embedder.ts';
import { createOpenSetCommand } from './open-set/open-set-command.ts';
import { createQualityCommand } from './quality/quality-command.ts';

/** What is measured. */
export type MeasuredEngine = {
  readonly finder: FaceFinder;
  readonly embedder: Embedder;
  readonly card: ModelCard;
  /** The detector's name. */
  readonly detector: string;
};

export type EvalCommandDeps = {
  readonly withEngine: (work: (engine: MeasuredEngine) => Promise<void>) => Promise<void>;
  readonly calibrationDir: string;
  readonly progress: (what: string) => CountProgress;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
};

type Asked = {
  readonly data?: string;
  readonly pairs: string;
  readonly test?: string;
  readonly out: string;
  readonly write?: true;
};

/** `eval`: labelled photos to thresholds, bounds and charts. */
export function createEvalCommand(deps: EvalCommandDeps): Command {
  const command: Command = new Command('eval')
    .description('measure thresholds, probabilities and accuracy on labelled pairs in the layout of LFW')
    // So that the commands below can have options of the same names.
    .enablePositionalOptions()
    .option('--data <dir>', 'folder with images/<person>/<person>_0001.jpg and the lists of pairs')
    .option('--pairs <file>', 'list in it that thresholds are taken from', 'pairsDevTrain.txt')
    .option(
      '--test <file>',
      'list of other people to test them on (default: pairsDevTest.txt beside pairsDevTrain.txt)',
    )
    .option('--out <dir>', 'folder for the report', 'eval_out')
    .option('--write', 'put the result into data/calibration, from where model cards take it')
    .action(async ({ data, ...asked }: Asked) => {
      // commander would want a required option from the commands below, too.
      if (data === undefined) return command.error("error: required option '--data <dir>' not specified");
      await deps.withEngine(engine => measureEngine(engine, { ...asked, data }, deps));
    })
    .addCommand(createOpenSetCommand(deps))
    .addCommand(createQualityCommand(deps));
  return withExamples(command, ['eval --data photos/lfw-dev', 'eval open-set --data photos/lfw-dev']);
}

async function measureEngine(
  engine: MeasuredEngine,
  asked: Asked & { readonly data: string },
  deps: EvalCommandDeps,
): Promise<void> {
  // Loaded here: the charts' libraries take a second.
  const [{ runEval }, { evalCommand }] = await Promise.all([import('./run-eval.ts'), import('./eval-command.ts')]);
  const { finder, embedder, card, detector } = engine;
  const { progress, print, signal } = deps;
  const calibration = await runEval({
    finder,
    embedder,
    crop: embedder.model.crop,
    data: path.resolve(asked.data),
    pairs: asked.pairs,
    test: asked.test ?? null,
    outDir: path.resolve(asked.out),
    run: {
      embedder: card.name,
      detector,
      command: evalCommand(asked, card.name, detector),
      date: new Date().toISOString().slice(0, 10),
    },
    progress: progress('photos'),
    print,
    signal,
  });
  if (!asked.write) return;
  const { writeCalibration } = await import('./write-calibration.ts');
  print(`Written to ${await writeCalibration(deps.calibrationDir, card, calibration)}`);
}
