import path from 'node:path';
import { Command } from 'commander';
import { withExamples } from '../../cli/with-examples.ts';
import type { EvalCommandDeps, MeasuredEngine } from '../create-eval-command.ts';

type Asked = { readonly data: string; readonly out: string };

/** The service's default, `decision.fmr`. */
const appliedFmr = 0.001;

/** `eval quality`: whether what is measured of a photo foretells that recognition fails. */
export function createQualityCommand(deps: EvalCommandDeps): Command {
  return withExamples(
    new Command('quality')
      .description('measure whether the measures of quality foretell misses: error-versus-discard curves')
      .requiredOption('--data <dir>', 'folder with images/<person>/ and gallery.txt, which names a person a line')
      .option('--out <dir>', 'folder for the report', 'eval_out'),
    ['eval quality --data photos/lfw-dev'],
  ).action((asked: Asked) => deps.withEngine(engine => measureEngine(engine, asked, deps)));
}

async function measureEngine(engine: MeasuredEngine, asked: Asked, deps: EvalCommandDeps): Promise<void> {
  // Loaded here: the charts' libraries take a second.
  const [{ runQuality }, { qualityCommand }, { readMeasured }, { EvaluationError }] = await Promise.all([
    import('./run-quality.ts'),
    import('../eval-command.ts'),
    import('../write-calibration.ts'),
    import('../evaluation-error.ts'),
  ]);
  const { finder, embedder, card, detector } = engine;
  const { calibration } = await readMeasured(deps.calibrationDir, card, detector);
  const threshold = calibration.thresholds.find(({ fmr }) => fmr === appliedFmr)?.threshold ?? null;
  if (threshold === null) {
    throw new EvaluationError(`${card.name} behind ${detector}: expected a threshold for an FMR of ${appliedFmr}`);
  }
  await runQuality({
    finder,
    embedder,
    crop: embedder.model.crop,
    applied: { fmr: appliedFmr, threshold },
    data: path.resolve(asked.data),
    outDir: path.resolve(asked.out),
    run: {
      embedder: card.name,
      detector,
      command: qualityCommand(asked.data, card.name, detector),
      date: new Date().toISOString().slice(0, 10),
    },
    progress: deps.progress('photos'),
    print: deps.print,
    signal: deps.signal,
  });
}
