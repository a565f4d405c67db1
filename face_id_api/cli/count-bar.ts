import { SingleBar } from 'cli-progress';
import type { CountProgress } from '../count-progress.ts';

/** So many of so many, how fast, and for how long still. Without a terminal nothing is drawn. */
export function createCountBar(what: string, stream: NodeJS.WritableStream): CountProgress {
  const format = `{bar} {value}/{total} ${what}, {rate}/s, {eta_formatted} left`;
  const bar = new SingleBar({ format, stream });
  const begun = performance.now();
  let count = 0;
  const rate = (): string => ((1000 * count) / (performance.now() - begun)).toFixed(1);
  return {
    start: total => bar.start(total, 0, { rate: '0.0' }),
    step: () => bar.update(++count, { rate: rate() }),
    done: () => bar.stop(),
  };
}
