import type { MessagePort } from 'node:worker_threads';
import type { Job } from '../triton/onnx-pool/job.ts';
import type { IntegralImage } from './core/integral-image.ts';
import { createMtcnnRunner, type MtcnnTask } from './mtcnn-tasks.ts';
import { serveTasks } from './share-tasks.ts';

export type HelpInput = {
  readonly modelDir: string;
  /** The other end is with the thread that looks for the photo's faces. */
  readonly port: MessagePort;
};

/** Helps another thread with MTCNN's work on its photo, until that thread closes the port or ends. */
const help: Job<HelpInput, null> = async ({ modelDir, port }, context) => {
  await serveTasks<MtcnnTask, IntegralImage>(port, (image, place) =>
    createMtcnnRunner(image, modelDir, context, place),
  );
  return { output: null };
};

export default help;
