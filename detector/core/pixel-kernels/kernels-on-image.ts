import { pageBytes } from '../compile-kernels.ts';
import type { RgbImage } from '../rgb-image.ts';
import { kernelModules } from './kernel-modules.ts';

/** The functions of pixel-kernels.c; every pointer is a byte offset in the memory. */
type Exports = {
  mean_of_rows(rows: number, stride: number, weights: number, count: number, length: number, mean: number): void;
  narrow_row(
    row: number,
    first: number,
    counts: number,
    weights: number,
    most: number,
    width: number,
    planes: number,
  ): void;
  warp(
    image: number,
    width: number,
    height: number,
    a: number,
    b: number,
    shiftX: number,
    shiftY: number,
    size: number,
    perSide: number,
    planes: number,
  ): void;
};

/** The kernels and their memory: the image's bytes at `image`, free to use from `free` on. Until the next call of `kernelsOnImage`. */
export type KernelsOnImage = {
  readonly run: Exports;
  readonly memory: ArrayBuffer;
  readonly image: number;
  readonly free: number;
};

type Instance = { readonly run: Exports; readonly memory: WebAssembly.Memory };

/** What vectors may read and write past the end of what is meant. */
export const overhang = 64;

/** Memory that is kept: for a 2048 × 2048 photo, and what is made of it. A larger one is given back. */
const keptBytes = 32 * 1024 * 1024;

let kept: Instance | undefined;
let keptImage: RgbImage | undefined;

/** Copies the image into the kernels' memory, unless it is the last one, with `freeBytes` of room behind it. */
export function kernelsOnImage(image: RgbImage, freeBytes: number): KernelsOnImage {
  const free = Math.ceil((image.data.length + overhang) / 16) * 16;
  const { run, memory, isKept } = instanceOf(free + freeBytes);
  if (!isKept || keptImage !== image) new Uint8Array(memory.buffer).set(image.data);
  if (isKept) keptImage = image;
  return { run, memory: memory.buffer, image: 0, free };
}

function instanceOf(bytes: number): Instance & { readonly isKept: boolean } {
  if (bytes > keptBytes) return { ...createInstance(bytes), isKept: false };
  kept ??= createInstance(bytes);
  const missing = bytes - kept.memory.buffer.byteLength;
  if (missing > 0) kept.memory.grow(Math.ceil(missing / pageBytes));
  return { ...kept, isKept: true };
}

function createInstance(bytes: number): Instance {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
  // The module's functions are those of the source beside it.
  const run = new WebAssembly.Instance(kernelModules.alone, { env: { memory } }).exports as Exports;
  return { run, memory };
}
