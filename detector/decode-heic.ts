import { once } from 'node:events';
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { createAdmission } from './admission.ts';
import { compileLibheif } from './compile-libheif.ts';
import { ServiceError } from './errors.ts';
import type { HeicAnswer } from './libheif-decoder.ts';
import type { HeicRequest } from './libheif-thread.ts';

export type DecodeHeicOptions = {
  readonly maxPixels: number;
  /** Of decoding; waiting for a place does not count. */
  readonly maxSeconds: number;
  /** Gives up waiting and decoding, with its reason. */
  readonly signal: AbortSignal;
  /** Of the decoder, for everything that it needs. */
  readonly maxMemoryBytes?: number;
  /** The thread's file; tests name threads that fail. */
  readonly threadFile?: URL;
};

/** 50 megapixels of 10 bits with alpha take 630 MiB, of 8 bits without it 355; a telephone's photo of 12 takes 93. */
const defaultMemoryBytes = 768 * 1024 * 1024;

const libheifThread = new URL('./libheif-thread.ts', import.meta.url);

/** Each takes a core for a second, and its own memory: half of the cores stay with those who look for faces. */
const places = createAdmission({
  maxInside: Math.max(1, Math.trunc(os.availableParallelism() / 2)),
  maxWaiting: 64,
  maxWaitingBytes: 256 * 1024 * 1024,
});

let compiled: Promise<WebAssembly.Module> | null = null;

/**
 * A HEIC's primary image as an uncompressed TIFF, upright, 8 bits, with alpha and ICC profile where it had them, for the decoder of
 * all other formats to go on with. Every photo has a thread of its own, which ends with it: what a hostile one did to the decoder
 * is gone with the decoder, its memory goes back, and `terminate` stops it at any time. Rejects with UNSUPPORTED_IMAGE (HEIF of
 * another codec), TOO_MANY_PIXELS, UNREADABLE, DEADLINE, OVERLOADED or the signal's reason.
 */
export async function decodeHeic(bytes: Uint8Array, options: DecodeHeicOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { maxPixels, maxSeconds, signal, maxMemoryBytes = defaultMemoryBytes } = options;
  const { threadFile = libheifThread } = options;
  const leave = await places.enter(bytes.byteLength, signal);
  try {
    const module = await compileOnce();
    const request: HeicRequest = { module, bytes: new Uint8Array(bytes), maxPixels, maxMemoryBytes };
    const deadline = AbortSignal.timeout(maxSeconds * 1000);
    const answer = await askThread(threadFile, request, AbortSignal.any([signal, deadline])).catch(error => {
      if (signal.aborted) throw signal.reason;
      if (deadline.aborted) throw new ServiceError('DEADLINE', 'The image took longer to decode than allowed');
      throw new ServiceError('INTERNAL', 'The decoder for HEIC failed', { cause: error });
    });
    return tiffOf(answer, maxPixels);
  } finally {
    leave();
  }
}

/** With the first HEIC: a service that never sees one never loads it. */
function compileOnce(): Promise<WebAssembly.Module> {
  compiled ??= compileLibheif();
  compiled.catch(() => {
    compiled = null;
  });
  return compiled;
}

async function askThread(file: URL, request: HeicRequest, signal: AbortSignal): Promise<HeicAnswer> {
  signal.throwIfAborted();
  const thread = new Worker(file, {
    name: 'heic',
    workerData: request,
    transferList: [request.bytes.buffer],
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
  try {
    const ended = once(thread, 'exit', { signal }).then(([code]) => {
      throw new Error(`the thread ended with code ${code}`);
    });
    // `once` rejects with an `error` of the thread as well.
    const [answer] = await Promise.race([once(thread, 'message', { signal }), ended]);
    return answer;
  } finally {
    // Until it has ended it holds its memory, and the place.
    await thread.terminate();
  }
}

function tiffOf(answer: HeicAnswer, maxPixels: number): Uint8Array<ArrayBuffer> {
  switch (answer.kind) {
    case 'tiff':
      return answer.bytes;
    case 'too-many-pixels':
      throw new ServiceError(
        'TOO_MANY_PIXELS',
        `The image: expected at most ${maxPixels} pixels, got ${answer.width} × ${answer.height}`,
      );
    case 'too-much-memory':
      throw new ServiceError('TOO_MANY_PIXELS', 'The image takes more memory to decode than is allowed');
    case 'unsupported':
      throw new ServiceError('UNSUPPORTED_IMAGE', 'The image: expected HEIC coded as HEVC, got another kind of HEIF', {
        cause: new Error(answer.reason),
      });
    case 'unreadable':
      throw new ServiceError('UNREADABLE', 'The image is truncated or broken', { cause: new Error(answer.reason) });
  }
}
