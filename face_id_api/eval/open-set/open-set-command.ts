import path from 'node:path';
import { Command } from 'commander';
import { withExamples } from '../../cli/with-examples.ts';
import type { EvalCommandDeps, MeasuredEngine } from '../create-eval-command.ts';

type Asked = {
  readonly data: string;
  readonly out: string;
  readonly faults: boolean;
  readonly write?: true;
};

/** `eval open-set`: who is found, and who is taken for somebody, among people of whom most are not enrolled. */
export function createOpenSetCommand(deps: EvalCommandDeps): Command {
  return withExamples(
    new Command('open-set')
      .description('measure identification among strangers: those in gallery.txt are enrolled, nobody else is')
      .requiredOption('--data <dir>', 'folder with images/<person>/ and gallery.txt, which names a person a line')
      .option('--out <dir>', 'folder for the report', 'eval_out')
      .option('--no-faults', 'leave out the searches with blur, rotation, low resolution, JPEG and darkness')
      .option('--write', 'put the result beside the calibration in data/calibration'),
    ['eval open-set --data photos/lfw-dev'],
  ).action((asked: Asked) => deps.withEngine(engine => measureEngine(engine, asked, deps)));
}

async function measureEngine(engine: MeasuredEngine, asked: Asked, deps: EvalCommandDeps): Promise<void> {
  // Loaded here: the charts' libraries take a second.
  const [{ runOpenSet }, { openSetCommand }, { readMeasured, writeOpenSet }] = await Promise.all([
    import('./run-open-set.ts'),
    import('../eval-command.ts'),
    import('../write-calibration.ts'),
  ]);
  const { finder, embedder, card, detector } = engine;
  const { progress, print, signal } = deps;
  // Before the work, which would be lost.
  if (asked.write) await readMeasured(deps.calibrationDir, card, detector);
  const calibration = card.calibration.find(entry => entry.detector === detector);
  const openSet = await runOpenSet({
    finder,
    embedder,
    crop: embedder.model.crop,
    calibrated: (calibration?.thresholds ?? []).flatMap(({ fmr, threshold }) =>
      threshold === null ? [] : [{ fmr, threshold }],
    ),
    data: path.resolve(asked.data),
    outDir: path.resolve(asked.out),
    withFaults: asked.faults,
    run: {
      embedder: card.name,
      detector,
      command: openSetCommand(asked, card.name, detector),
      date: new Date().toISOString().slice(0, 10),
    },
    progress: progress('photos'),
    print,
    signal,
  });
  if (asked.write) print(`Written to ${await writeOpenSet(deps.calibrationDir, card, detector, openSet)}`);
}
