import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { readCard } from '../triton/card.ts';
import { createBufferShelf } from '../triton/onnx-pool/buffer-shelf.ts';
import type { OnnxPool } from '../triton/onnx-pool/job.ts';
import { type Admission, createAdmission } from './admission.ts';
import type { DetectorConfig } from './config.ts';
import { cellSize } from './core/pyramid-scales.ts';
import { scaleFace } from './core/scale-face.ts';
import { type DecodedImage, decodeImage } from './decode-image.ts';
import type { DetectInput, DetectOutput } from './detect-job.ts';
import type { DetectorName } from './detector.ts';
import { ServiceError } from './errors.ts';
import type { FaceFinder, FindRequest, FoundFaces } from './face-finder.ts';
import type { HelpInput } from './help-job.ts';
import type { WarmUpInput } from './warm-up-job.ts';

export type FaceFinderOptions = {
  /** Not closed by the finder. */
  readonly pool: OnnxPool;
  readonly detectorName: DetectorName;
  /** The folder of the installed detector: its card and its nets lie in it. */
  readonly modelDir: string;
  readonly config: Pick<DetectorConfig, 'max_side' | 'min_face_size' | 'thresholds' | 'max_faces' | 'deadline_ms'>;
  /** Photos that may wait for a place; more are refused with OVERLOADED. */
  readonly maxWaiting?: number;
};

const detectJob = new URL('./detect-job.ts', import.meta.url);
const helpJob = new URL('./help-job.ts', import.meta.url);
const warmUpJob = new URL('./warm-up-job.ts', import.meta.url);

/** More would wait for each other. */
const mostHelpers = 3;

/** A dozen photos of the largest accepted size, or hundreds of usual ones. */
const maxWaitingBytes = 256 * 1024 * 1024;

/** Pixels of a photo of the default `max_side`. */
const maxKeptBytes = 3 * 2048 * 2048;

/** The detector in this process: decodes here (libvips has threads of its own), looks for faces in the pool. */
export function createFaceFinder(options: FaceFinderOptions): FaceFinder {
  const { pool, detectorName, modelDir, config, maxWaiting = 64 } = options;
  // One photo more than there are threads is decoded, so that no thread waits for pixels.
  const admission: Admission = createAdmission({ maxInside: pool.threads + 1, maxWaiting, maxWaitingBytes });
  const shelf = createBufferShelf(pool.threads + 1);
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  let warm: Promise<unknown> | null = null;

  async function find(bytes: Uint8Array, request: FindRequest, signal: AbortSignal): Promise<FoundFaces> {
    const asked = performance.now();
    const leave = await admission.enter(bytes.byteLength, signal);
    try {
      const entered = performance.now();
      const maxSide = request.maxSide ?? config.max_side;
      const decoded = await decodeImage(bytes, { maxSide, takeBuffer: shelf.take, signal });
      signal.throwIfAborted();
      const seen = performance.now();
      const found = await detect(decoded, request, signal);
      const { detect: detectSeconds = 0, align = 0 } = found.seconds ?? {};
      const inJob = (performance.now() - seen) / 1000;
      const wait = (entered - asked) / 1000 + Math.max(0, inJob - detectSeconds - align);
      return { ...found, seconds: { ...found.seconds, wait, decode: (seen - entered) / 1000 } };
    } finally {
      leave();
    }
  }

  async function detect(decoded: DecodedImage, request: FindRequest, signal: AbortSignal): Promise<FoundFaces> {
    const { pixels, width, height } = decoded;
    const scaleX = width / pixels.width;
    const scaleY = height / pixels.height;
    const { crop, minFaceSize = config.min_face_size, maxFaces = config.max_faces } = request;
    const input: DetectInput = {
      detector: detectorName,
      modelDir,
      image: pixels,
      options: {
        // Enlarging would invent pixels: what the scaled-down photo shows smaller than a cell is not looked for.
        minFaceSize: Math.max(cellSize, minFaceSize / Math.max(scaleX, scaleY)),
        thresholds: config.thresholds,
      },
      maxFaces,
      crop,
      helpers: [],
    };
    const output = await runWithHelp(input, signal);
    // The next photo's pixels; an image at full resolution is too much to keep.
    if (output.buffer.byteLength <= maxKeptBytes) shelf.put(output.buffer);
    const faces = output.faces.map(face => scaleFace(face, scaleX, scaleY));
    const seconds = { detect: output.detectSeconds, ...(crop !== null && { align: output.alignSeconds }) };
    return { image: { width, height }, detector: detectorName, faces, crops: output.crops, seconds };
  }

  /** Threads that are idle now help; with as many photos as threads there are none, and each photo has its own. */
  async function runWithHelp(input: DetectInput, signal: AbortSignal): Promise<DetectOutput> {
    const count = detectorName === 'mtcnn' ? Math.min(mostHelpers, pool.idle() - 1) : 0;
    const channels = Array.from({ length: Math.max(0, count) }, () => new MessageChannel());
    const helpers: MessagePort[] = channels.map(({ port1 }) => port1);
    const transfer = [input.image.data.buffer, ...helpers];
    const output = pool.run<DetectInput, DetectOutput>(detectJob, { ...input, helpers }, { transfer, signal });
    for (const { port2: port } of channels) {
      const help: HelpInput = { modelDir, port };
      // The photo is looked at without help as well.
      pool.run(helpJob, help, { transfer: [port] }).catch(() => port.close());
    }
    return await output;
  }

  function warmUp(): Promise<unknown> {
    const input: WarmUpInput = { detector: detectorName, modelDir };
    const attempt = readCard(modelDir).then(() => pool.runEverywhere(warmUpJob, input));
    // A failure may be mended while the service runs; the next question tries again.
    attempt.catch(() => {
      warm = null;
    });
    return attempt;
  }

  return {
    async find(bytes, request, { signal }) {
      const deadline = AbortSignal.timeout(config.deadline_ms);
      const work = find(bytes, request, AbortSignal.any([signal, deadline, closing.signal]));
      running.add(work);
      try {
        return await work;
      } catch (error) {
        throw toServiceError(error, detectorName);
      } finally {
        running.delete(work);
      }
    },
    async ready() {
      try {
        warm ??= warmUp();
        await warm;
        return { ok: true, detector: detectorName };
      } catch (error) {
        // The path stays here: the reason is shown over HTTP.
        const reason = error instanceof Error ? error.message.replaceAll(modelDir, detectorName) : 'unknown';
        return { ok: false, reason: `detector '${detectorName}' cannot be used: ${reason}` };
      }
    },
    waiting: () => ({ photos: admission.waiting(), jobs: pool.waiting() }),
    async close() {
      closing.abort(dependencyDown('The detector is being closed'));
      await Promise.allSettled(running);
    },
  };
}

/** Errors of the pool and of the deadline as ours. A caller's own abort keeps its reason. */
function toServiceError(error: unknown, detector: string): unknown {
  if (error instanceof ServiceError) return error;
  if (!(error instanceof Error)) return new ServiceError('INTERNAL', `detector '${detector}' failed`, { cause: error });
  if (error.name === 'AbortError') return error;
  if (error.name === 'TimeoutError') {
    return new ServiceError('DEADLINE', `detector '${detector}' took longer than allowed`, { cause: error });
  }
  const code = 'code' in error ? error.code : undefined;
  if (code === 'QUEUE_FULL') {
    return new ServiceError('OVERLOADED', `detector '${detector}' has as much work as it accepts`, {
      cause: error,
      retryAfterSeconds: 1,
    });
  }
  if (code === 'WORKER_DIED' || code === 'POOL_CLOSED') {
    return dependencyDown(`detector '${detector}' does not work at the moment`, error);
  }
  return new ServiceError('INTERNAL', `detector '${detector}' failed`, { cause: error });
}

function dependencyDown(message: string, cause?: unknown): ServiceError {
  return new ServiceError('DEPENDENCY_DOWN', message, { cause, retryAfterSeconds: 5 });
}
