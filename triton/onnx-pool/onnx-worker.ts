import os from 'node:os';
import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Job, JobContext } from './job.ts';
import { type FromWorker, type ToWorker, toJobFailure } from './worker-message.ts';

// The body of every thread of the pool. One job after another, so sessions never run beside each other here.

if (parentPort === null) throw new Error('onnx-worker.ts runs as a worker thread of the ONNX pool only');
const port = parentPort;

// The thread that takes requests in and hands answers out goes before those that compute: where it waits for them, they have nothing to do soon
// after. Elsewhere than on Linux this would be told to the whole process.
const { PRIORITY_LOW } = os.constants.priority;
if (process.platform === 'linux') os.setPriority(0, Math.min(PRIORITY_LOW, os.getPriority(0) + 5));

// Where the engine has Float16Array, ONNX Runtime makes one of every float16 tensor, of which its native half (1.30) then reads
// no bytes. It asks with the first tensor; without them it takes Uint16Array.
Reflect.deleteProperty(globalThis, 'Float16Array');

/**
 * One core per worker: parallelism comes from the number of workers. Neither arena nor memory patterns: they keep the memory of
 * the largest run that a session ever made, in every worker, and going without costs no time that can be measured. Severity 3 =
 * errors, so warnings of ORT stay off stderr.
 */
const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: false,
  enableMemPattern: false,
  graphOptimizationLevel: 'all',
  executionMode: 'sequential',
  logSeverityLevel: 3,
};

const sessions = new Map<string, Promise<InferenceSession>>();
const jobs = new Map<string, Promise<Job<unknown, unknown>>>();

const context: JobContext = {
  session(modelPath, sessionId = modelPath) {
    let session = sessions.get(sessionId);
    if (session === undefined) {
      session = InferenceSession.create(modelPath, sessionOptions);
      sessions.set(sessionId, session);
      session.catch(() => sessions.delete(sessionId));
    }
    return session;
  },
  async release(sessionId) {
    const session = sessions.get(sessionId);
    sessions.delete(sessionId);
    await (await session)?.release();
  },
  Tensor,
};

/** Ends with the job that was sent last. */
let last = Promise.resolve();

port.on('message', (message: ToWorker) => {
  if (message.kind === 'close') void close();
  else last = last.then(() => run(message.job, message.input));
});

async function run(url: string, input: unknown): Promise<void> {
  try {
    const job = await loadJob(url);
    const { output, transfer } = await job(input, context);
    port.postMessage({ kind: 'done', output } satisfies FromWorker, [...(transfer ?? [])]);
  } catch (error) {
    port.postMessage({ kind: 'failed', failure: toJobFailure(error) } satisfies FromWorker);
  }
}

function loadJob(url: string): Promise<Job<unknown, unknown>> {
  let job = jobs.get(url);
  if (job === undefined) {
    job = importJob(url);
    jobs.set(url, job);
    job.catch(() => jobs.delete(url));
  }
  return job;
}

async function importJob(url: string): Promise<Job<unknown, unknown>> {
  const module: unknown = await import(url);
  const job = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (!isJob(job)) throw new TypeError(`${url}: expected a job function as default export, got ${typeof job}`);
  return job;
}

function isJob(value: unknown): value is Job<unknown, unknown> {
  return typeof value === 'function';
}

/** The thread ends by itself once the port is closed: nothing else keeps it alive, and no session is left to abort on. */
async function close(): Promise<void> {
  for (const sessionId of [...sessions.keys()]) await context.release(sessionId).catch(() => undefined);
  port.close();
}
