import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * For work in pieces, several at a time or one after another: what is returned is to be awaited before each. Once they have held the
 * thread for `longestMs`, all of them wait until others have had a turn.
 */
export function shareThread(longestMs: number): () => Promise<void> {
  let begun = performance.now();
  let pause: Promise<void> | null = null;

  async function letOthers(): Promise<void> {
    await nextTurn();
    begun = performance.now();
    pause = null;
  }

  return async () => {
    if (pause === null && performance.now() - begun > longestMs) pause = letOthers();
    await pause;
  };
}
