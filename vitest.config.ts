import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A second, by default: too short where the machine is busy.
    expect: { poll: { timeout: 30_000 } },
    include: ['test/**/*.test.ts'],
    exclude: ['test/services/**', 'test/browser/**'],
    // A taste of `npm run fuzz` and of `npm run test:kill`.
    provide: { fuzzSeconds: 1, killRuns: 20 },
  },
});
