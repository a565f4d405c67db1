import { defineConfig } from 'vitest/config';

/** Seconds for each target: `npm run fuzz`. In `npm test` the same files run for a second each. */
const seconds = 20;

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: (seconds + 60) * 1000,
    include: ['test/fuzz/**/*.test.ts'],
    provide: { fuzzSeconds: seconds },
  },
});
