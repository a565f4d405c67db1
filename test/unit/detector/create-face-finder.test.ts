import sharp from 'sharp';
import { expect, test } from 'vitest';
import { detectorConfig } from '../../../detector/config.ts';
import { createFaceFinder } from '../../../detector/create-face-finder.ts';
import type { DetectInput, DetectOutput } from '../../../detector/detect-job.ts';
import type { OnnxPool, RunOptions } from '../../../triton/onnx-pool/job.ts';
import { PoolError } from '../../../triton/onnx-pool/pool-error.ts';
import { face } from './sample-face.ts';

const never = new AbortController().signal;
const photo = await sharp({ create: { width: 400, height: 200, channels: 3, background: '#888' } })
  .png()
  .toBuffer();

type Found = Pick<DetectOutput, 'faces' | 'crops'>;
type Answer = (input: DetectInput, options: RunOptions | undefined) => Promise<Found>;

/** A pool whose every job is answered by `answer`. */
function fakePool(answer: Answer): OnnxPool {
  return {
    threads: 1,
    waiting: () => 0,
    idle: () => 1,
    // The pool cannot know what its jobs take and give; this one only ever sees the detector's.
    run: async <Input, Output>(_job: URL, input: Input, options?: RunOptions) =>
      ({
        detectSeconds: 0.25,
        alignSeconds: 0.125,
        buffer: new ArrayBuffer(8),
        ...(await answer(input as DetectInput, options)),
      }) as Output,
    lend: () => Promise.reject(new Error('the detector borrows no worker')),
    runEverywhere: async () => [],
    close: async () => {},
  };
}

function finderOn(pool: OnnxPool, config = {}, maxWaiting?: number) {
  return createFaceFinder({
    pool,
    detectorName: 'mtcnn',
    modelDir: 'absent',
    config: detectorConfig.parse(config),
    ...(maxWaiting === undefined ? {} : { maxWaiting }),
  });
}

test("boxes come back in the photo's own pixels though the detector saw a smaller one", async () => {
  const seen: DetectInput[] = [];
  const finder = finderOn(
    fakePool(async input => {
      seen.push(input);
      return { faces: [face([10, 10, 30, 30])], crops: null };
    }),
    { max_side: 100, min_face_size: 80 },
  );
  const found = await finder.find(photo, { crop: null }, { signal: never });
  expect([seen[0]!.image.width, seen[0]!.image.height, seen[0]!.options.minFaceSize]).toEqual([100, 50, 20]);
  expect(found).toMatchObject({ image: { width: 400, height: 200 }, detector: 'mtcnn', crops: null });
  expect(found.faces[0]!.box).toEqual([40, 40, 120, 120]);
  expect(found.faces[0]!.landmarks[0]).toEqual([64, 72]);
});

test('the time of each stage comes with the faces; waiting is what the job did not spend', async () => {
  const finder = finderOn(fakePool(async () => ({ faces: [], crops: null })));
  const { seconds } = await finder.find(photo, { crop: null }, { signal: never });
  expect(seconds).toEqual({ wait: expect.any(Number), decode: expect.any(Number), detect: 0.25 });
  expect(seconds?.decode).toBeGreaterThan(0);
  expect((await finder.find(photo, { crop: 'dlib_150' }, { signal: never })).seconds?.align).toBe(0.125);
  expect(finder.waiting?.()).toEqual({ photos: 0, jobs: 0 });
});

test('faces smaller than a cell of the scaled-down photo are not looked for', async () => {
  const finder = finderOn(
    fakePool(async input => {
      expect(input.options.minFaceSize).toBe(12);
      return { faces: [], crops: null };
    }),
    { max_side: 100, min_face_size: 20 },
  );
  expect((await finder.find(photo, { crop: null }, { signal: never })).faces).toEqual([]);
});

test("a request's own search replaces the configured one", async () => {
  const seen: DetectInput[] = [];
  const finder = finderOn(
    fakePool(async input => {
      seen.push(input);
      return { faces: [], crops: null };
    }),
    { max_side: 100, min_face_size: 80, max_faces: 5 },
  );
  await finder.find(photo, { crop: null }, { signal: never });
  await finder.find(photo, { crop: null, maxSide: 200, minFaceSize: 60, maxFaces: 9 }, { signal: never });
  await finder.find(photo, { crop: null, maxSide: 0, minFaceSize: 13 }, { signal: never });
  expect(seen.map(({ image, options, maxFaces }) => [image.width, options.minFaceSize, maxFaces])).toEqual([
    [100, 20, 5],
    [200, 30, 9],
    [400, 13, 5],
  ]);
});

test('an image that cannot be read never reaches the pool', async () => {
  const finder = finderOn(fakePool(() => Promise.reject(new Error('not to be called'))));
  const find = finder.find(Buffer.from('text'), { crop: null }, { signal: never });
  await expect(find).rejects.toMatchObject({ code: 'UNSUPPORTED_IMAGE' });
});

test.each([
  [new PoolError('QUEUE_FULL', 'full'), 'OVERLOADED'],
  [new PoolError('WORKER_DIED', 'died'), 'DEPENDENCY_DOWN'],
  [new PoolError('POOL_CLOSED', 'closed'), 'DEPENDENCY_DOWN'],
  [new Error('secret of the model'), 'INTERNAL'],
])('%s becomes %s, with the cause kept and not told', async (failure, code) => {
  const finder = finderOn(fakePool(() => Promise.reject(failure)));
  const find = finder.find(photo, { crop: null }, { signal: never });
  await expect(find).rejects.toMatchObject({ code, cause: failure, message: expect.not.stringContaining('secret') });
});

/** Answers when the signal fires, as the pool does. */
const untilAborted: Answer = (_input, options) =>
  new Promise((_, reject) => {
    options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
  });

test('work that outlives the deadline is DEADLINE', async () => {
  const finder = finderOn(fakePool(untilAborted), { deadline_ms: 20 });
  await expect(finder.find(photo, { crop: null }, { signal: never })).rejects.toMatchObject({ code: 'DEADLINE' });
});

test('a caller that aborts gets its own reason', async () => {
  const caller = new AbortController();
  const find = finderOn(fakePool(untilAborted)).find(photo, { crop: null }, { signal: caller.signal });
  caller.abort();
  await expect(find).rejects.toMatchObject({ name: 'AbortError' });
});

test('photos beyond those inside and those that may wait are OVERLOADED', async () => {
  const finder = finderOn(fakePool(untilAborted), {}, 1);
  const caller = new AbortController();
  const find = () => finder.find(photo, { crop: null }, { signal: caller.signal });
  // Two places for one thread, one waiting: the fourth is too many.
  const accepted = [find(), find(), find()].map(work => work.catch((error: Error) => error.name));
  await expect(find()).rejects.toMatchObject({ code: 'OVERLOADED' });
  caller.abort();
  expect(await Promise.all(accepted)).toEqual(['AbortError', 'AbortError', 'AbortError']);
});

test('closing ends what is under way with DEPENDENCY_DOWN and takes nothing more', async () => {
  const finder = finderOn(fakePool(untilAborted));
  const find = finder.find(photo, { crop: null }, { signal: never });
  const refused = expect(find).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' });
  await finder.close();
  await refused;
  const late = finder.find(photo, { crop: null }, { signal: never });
  await expect(late).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' });
});

test('a detector that is not installed is not ready, and says so without its path', async () => {
  const state = await finderOn(fakePool(untilAborted)).ready();
  expect(state).toMatchObject({ ok: false, reason: expect.stringContaining("detector 'mtcnn' cannot be used") });
});
