// A process with the embedded server over the model repository that its argument names.
import os from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createOnnxPool } from '../../triton/onnx-pool/onnx-pool.ts';
import { createTritonServer } from '../../triton/server/triton-server.ts';
import { answerQuestions } from './child.ts';
import type { BareInput } from './wire-bare-job.ts';

export type ServerQuestion =
  | { readonly ask: 'start' }
  /** Rows a second of the model alone, in every thread of the server's pool. */
  | { readonly ask: 'bare'; readonly input: BareInput }
  /** How late the event loop ran its timers since the last time, p99 in milliseconds. */
  | { readonly ask: 'loop delay' }
  /** Resident memory of the process in megabytes. */
  | { readonly ask: 'memory' };

const [modelRepository = ''] = process.argv.slice(2);
const bareJob = new URL('./wire-bare-job.ts', import.meta.url);
const threads = os.availableParallelism();
const pool = createOnnxPool({ threads, maxQueued: 1024 });
const server = createTritonServer({ modelRepository, pool, host: '127.0.0.1', grpcPort: 0 });
/** Coarse enough not to be a load of its own. */
const resolutionMs = 5;
const delays = monitorEventLoopDelay({ resolution: resolutionMs });

answerQuestions<ServerQuestion>(async question => {
  if (question.ask === 'start') {
    const { grpcPort } = await server.start();
    delays.enable();
    return `127.0.0.1:${grpcPort}`;
  }
  if (question.ask === 'bare') {
    const rates = await Promise.all(
      Array.from({ length: threads }, () => pool.run<BareInput, number>(bareJob, question.input)),
    );
    return rates.reduce((sum, rate) => sum + rate, 0);
  }
  if (question.ask === 'memory') return process.memoryUsage.rss() / 1e6;
  const milliseconds = Math.max(0, delays.percentile(99) / 1e6 - resolutionMs);
  delays.reset();
  return milliseconds;
});

process.once('disconnect', async () => {
  await server.close();
  await pool.close();
});
