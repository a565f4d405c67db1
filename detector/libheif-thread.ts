import { parentPort, workerData } from 'node:worker_threads';
import { decodeHeicTiff, type HeicAnswer, loadLibheif } from './libheif-decoder.ts';

/** What the thread is started with. */
export type HeicRequest = {
  readonly module: WebAssembly.Module;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly maxPixels: number;
  readonly maxMemoryBytes: number;
};

/** A thread for one HEIC: it answers once, a `HeicAnswer`, and ends. What goes wrong while loading libheif is an error of the thread. */
const { module, bytes, maxPixels, maxMemoryBytes } = workerData as HeicRequest;
const libheif = loadLibheif(module, maxMemoryBytes);
const answer = decode();
parentPort?.postMessage(answer, answer.kind === 'tiff' ? [answer.bytes.buffer] : []);

/** Bytes that make the decoder trap are broken bytes. */
function decode(): HeicAnswer {
  try {
    return decodeHeicTiff(libheif, bytes, maxPixels);
  } catch (error) {
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : 'the decoder threw' };
  }
}
