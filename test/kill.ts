// npm run test:kill [-- --runs 200]: kill -9 during enrolment and erasure, of the store's process and of the whole service.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' } } });
const root = path.resolve(import.meta.dirname, '..');
await startVitest('test', ['kill-during'], {
  root,
  watch: false,
  provide: { fuzzSeconds: 1, killRuns: Number(values.runs) },
});
