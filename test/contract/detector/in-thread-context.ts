import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { JobContext } from '../../../triton/onnx-pool/job.ts';

/** What a job finds in a pool's worker, in the test's own thread. Close it: a process that exits with a session open aborts. */
export function createInThreadContext(): JobContext & { close(): Promise<void> } {
  const sessions = new Map<string, Promise<InferenceSession>>();
  const context: JobContext = {
    Tensor,
    session(modelPath) {
      const opened =
        sessions.get(modelPath) ??
        InferenceSession.create(modelPath, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
      sessions.set(modelPath, opened);
      return opened;
    },
    async release(modelPath) {
      const opened = sessions.get(modelPath);
      sessions.delete(modelPath);
      await (await opened)?.release();
    },
  };
  return {
    ...context,
    async close() {
      for (const modelPath of [...sessions.keys()]) await context.release(modelPath);
    },
  };
}
