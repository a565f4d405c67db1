import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import type { Job } from '../../../../../triton/onnx-pool/job.ts';

export type ProbeInput =
  | { readonly do: 'thread' }
  | { readonly do: 'sleep'; readonly ms: number }
  | { readonly do: 'throw' }
  | { readonly do: 'die' }
  | { readonly do: 'exit' }
  | { readonly do: 'wait'; readonly flag: SharedArrayBuffer }
  | { readonly do: 'execArgv' }
  | { readonly do: 'priority' }
  | { readonly do: 'uncloneable' }
  | { readonly do: 'fill'; readonly buffer: ArrayBuffer };

class ProbeError extends Error {
  readonly code = 'PROBE';
  override readonly name = 'ProbeError';
}

const probe: Job<ProbeInput, unknown> = async input => {
  switch (input.do) {
    case 'thread':
      return { output: threadId };
    case 'sleep':
      await delay(input.ms);
      return { output: threadId };
    case 'throw':
      throw new ProbeError('the probe throws');
    case 'die':
      queueMicrotask(() => {
        throw new Error('the probe is uncaught');
      });
      return new Promise(() => {});
    case 'exit':
      return process.exit(3);
    case 'wait':
      while (Atomics.load(new Int32Array(input.flag), 0) === 0) await delay(1);
      return { output: threadId };
    case 'execArgv':
      return { output: process.execArgv };
    case 'priority':
      return { output: os.getPriority(0) };
    case 'uncloneable':
      return { output: () => 'a function crosses no threads' };
    case 'fill': {
      new Uint8Array(input.buffer).fill(7);
      return { output: input.buffer, transfer: [input.buffer] };
    }
  }
};

export default probe;
