import type { Job } from './job.ts';
import type { LoadInput } from './load-job.ts';

/** Drops the model's session from the worker that runs this, if it is there. */
const release: Job<LoadInput, null> = async ({ modelPath, sessionId = modelPath }, context) => {
  await context.release(sessionId);
  return { output: null };
};

export default release;
