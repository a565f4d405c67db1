import { defineConfig } from 'vitest/config';

/** The console in a real browser, over the real product: `npm run test:browser`. */
export default defineConfig({
  test: {
    // As main.ts: nothing leaves this machine.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    pool: 'forks',
    // Each file starts the product and a browser; side by side they would fight for the cores.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/install-chromium.ts'],
  },
});
