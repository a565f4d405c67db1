import { pageBytes } from '../compile-kernels.ts';
import { kernelModules } from './kernel-modules.ts';

/** The functions of pixel-kernels.c that make and read a summed-area table; every pointer is a byte offset in the table's memory. */
export type TableKernels = {
  sum_rows(bytes: number, width: number, rows: number, sums: number): void;
  mean_of_areas(
    sums: number,
    stride: number,
    tops: number,
    bottoms: number,
    height: number,
    starts: number,
    ends: number,
    width: number,
    planes: number,
  ): void;
};

/** Memory of the kernels. A shared one may be posted to other threads, and is in use there as well: its buffer is then a SharedArrayBuffer. */
export type TableMemory = WebAssembly.Memory;

/** This thread's, by the memory that they work in. */
const opened = new WeakMap<TableMemory, TableKernels>();

/** @param bytes at most 256 MiB of shared memory */
export function createTableMemory(bytes: number, { shared }: { readonly shared: boolean }): TableMemory {
  const initial = Math.ceil(bytes / pageBytes);
  return new WebAssembly.Memory({ initial, ...(shared && { maximum: initial, shared }) });
}

/** The kernels on a table's memory. */
export function tableKernels(memory: TableMemory): TableKernels {
  const known = opened.get(memory);
  if (known !== undefined) return known;
  const buffer: ArrayBufferLike = memory.buffer;
  const isShared = buffer instanceof SharedArrayBuffer;
  const instance = new WebAssembly.Instance(isShared ? kernelModules.shared : kernelModules.alone, { env: { memory } });
  // The module's functions are those of the source beside it.
  const run = instance.exports as TableKernels;
  opened.set(memory, run);
  return run;
}
