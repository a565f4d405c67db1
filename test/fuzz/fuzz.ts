import fc from 'fast-check';
import { expect, inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** How long each target is thrown at. */
    fuzzSeconds: number;
  }
}

/**
 * Throws inputs at `check` until the time is over. A failure is reported with its seed and path, and the input is shrunk within the
 * same time.
 * @param check rejects or throws for an input that it should have handled
 * @param leastSeconds for a check so slow that the usual time is over after a few
 */
export async function fuzz<T>(
  inputs: fc.Arbitrary<T>,
  check: (input: T) => Promise<void> | void,
  leastSeconds = 0,
): Promise<void> {
  let runs = 0;
  const property = fc.asyncProperty(inputs, async input => {
    runs += 1;
    await check(input);
  });
  await fc.assert(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    plugins: [fc.interruptAfterTimeLimit(Math.max(inject('fuzzSeconds'), leastSeconds) * 1000)],
  });
  expect(runs).toBeGreaterThan(3);
}

/** Runs `work` and gives its result, or the error that it may end with; any other comes through. */
export async function resultOr<T, E extends Error>(
  work: () => Promise<T> | T,
  isOurs: (error: unknown) => error is E,
): Promise<T | E> {
  try {
    return await work();
  } catch (error) {
    if (isOurs(error)) return error;
    throw error;
  }
}
