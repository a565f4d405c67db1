import { defineConfig } from 'vitest/config';

/** Seconds for each target: `npm run fuzz`. In `npm test` the same files run for a second each. */
const seconds = 20;

export default defineConfig({
  test: {
    // As main.ts: nothing leaves this machine.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: (seconds + 60) * 1000,
    include: ['test/fuzz/**/*.test.ts'],
    provide: { fuzzSeconds: seconds },
  },
});
