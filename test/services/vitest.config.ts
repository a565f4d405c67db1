import { defineConfig } from 'vitest/config';

/** Tests over real outside servers: `npm run test:services`. */
export default defineConfig({
  test: {
    pool: 'forks',
    // Each file starts servers of its own; side by side they would fight for the cores.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    include: ['test/services/**/*.test.ts'],
    globalSetup: [
      'test/services/triton/install-real-triton.ts',
      'test/services/torch/install-torch.ts',
      'test/services/tritonclient/install-tritonclient.ts',
      'test/services/schemathesis/install-schemathesis.ts',
      'test/services/elasticsearch/install-elasticsearch.ts',
      'test/services/compose/install-docker.ts',
      'test/services/heic/install-pillow-heif.ts',
      'test/services/notebook/install-jupyter.ts',
    ],
  },
});
