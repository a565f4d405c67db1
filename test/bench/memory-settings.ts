/** What main.ts tells glibc and V8, for processes that are measured without it. */
export const memoryEnv = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '8000000',
  MALLOC_TRIM_THRESHOLD_: '8000000',
};
/** Of `serve triton`, which is what is measured so. */
export const memoryArgv = ['--max-semi-space-size=2', '--heap-growing-percent=200'];
