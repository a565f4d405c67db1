import path from 'node:path';

/** What was asked of `npm run eval`, as options of its command line. */
export type EvalRequest = {
  readonly data: string;
  readonly pairs: string;
  readonly test?: string;
  readonly write?: true;
};

/**
 * The command that measures the same again on any machine: both models are named whatever the configuration says, and of the data's
 * folder only the name is left. Everything else that changes a result is in the configuration.
 */
export function evalCommand({ data, pairs, test, write }: EvalRequest, embedder: string, detector: string): string {
  return npmRunEval(embedder, detector, [
    dataOption(data),
    pairs === 'pairsDevTrain.txt' ? '' : `--pairs ${quote(pairs)}`,
    test === undefined ? '' : `--test ${quote(test)}`,
    write ? '--write' : '',
  ]);
}

/** As `evalCommand`, of `npm run eval -- open-set`. */
export function openSetCommand(
  { data, faults, write }: { readonly data: string; readonly faults: boolean; readonly write?: true },
  embedder: string,
  detector: string,
): string {
  const options = ['open-set', dataOption(data), faults ? '' : '--no-faults', write ? '--write' : ''];
  return npmRunEval(embedder, detector, options);
}

/** As `evalCommand`, of `npm run eval -- quality`. */
export function qualityCommand(data: string, embedder: string, detector: string): string {
  return npmRunEval(embedder, detector, ['quality', dataOption(data)]);
}

function npmRunEval(embedder: string, detector: string, words: readonly string[]): string {
  const typed = words.filter(word => word !== '').join(' ');
  return `FACE_ID__MODELS__EMBEDDER=${embedder} FACE_ID__DETECTOR__NAME=${detector} npm run eval -- ${typed}`;
}

function dataOption(data: string): string {
  return `--data ${quote(path.basename(path.resolve(data)))}`;
}

/** As a shell takes it for one word. */
function quote(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
