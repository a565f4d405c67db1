import type { Job } from './job.ts';
import type { LoadInput } from './load-job.ts';

/** Drops the model from the worker that runs this, if it is there. */
const release: Job<LoadInput, null> = async ({ modelPath }, context) => {
  await context.release(modelPath);
  return { output: null };
};

export default release;
