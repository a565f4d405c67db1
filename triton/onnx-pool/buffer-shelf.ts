/** Buffers that come back from the worker threads and are used again: a fresh one costs the kernel's zeroed pages each time. */
export type BufferShelf = {
  /** A buffer of at least `byteLength` bytes, with anything in it. */
  take(byteLength: number): ArrayBuffer;
  put(buffer: ArrayBuffer): void;
};

/** @param capacity buffers kept at most; the smallest leaves first */
export function createBufferShelf(capacity: number): BufferShelf {
  const kept: ArrayBuffer[] = [];
  return {
    take(byteLength) {
      // At most four times what is needed, so that a large buffer is not spent on a small batch.
      const place = kept.findIndex(buffer => buffer.byteLength >= byteLength && buffer.byteLength <= 4 * byteLength);
      const [buffer] = place < 0 ? [] : kept.splice(place, 1);
      return buffer ?? new ArrayBuffer(roundUp(byteLength));
    },
    put(buffer) {
      // A buffer that has moved to another thread and never came back is empty here.
      if (buffer.byteLength === 0) return;
      kept.push(buffer);
      if (kept.length <= capacity) return;
      kept.sort((a, b) => a.byteLength - b.byteLength).shift();
    },
  };
}

/** Sizes that batches of a few more or less rows share: powers of two up to 1 MiB, then whole MiB. */
function roundUp(byteLength: number): number {
  const mebibyte = 1024 * 1024;
  if (byteLength > mebibyte) return Math.ceil(byteLength / mebibyte) * mebibyte;
  return 2 ** Math.ceil(Math.log2(Math.max(64, byteLength)));
}
