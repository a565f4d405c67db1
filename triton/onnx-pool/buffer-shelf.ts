/**
 * Buffers that come back from other threads and are used again: a fresh one costs the kernel's zeroed pages each time, and V8
 * counts it as growth of its heap.
 */
export type BufferShelf = {
  /** A buffer of at least `byteLength` bytes, with anything in it. */
  take(byteLength: number): ArrayBuffer;
  put(buffer: ArrayBuffer): void;
};

/** @param capacity buffers kept at most, of `maxBytes` together; the smallest leave first */
export function createBufferShelf(capacity: number, maxBytes = Number.POSITIVE_INFINITY): BufferShelf {
  /** Ascending by size. */
  const kept: ArrayBuffer[] = [];
  let bytes = 0;
  return {
    take(byteLength) {
      // At most four times what is needed, so that a large buffer is not spent on a small batch.
      const place = kept.findIndex(buffer => buffer.byteLength >= byteLength && buffer.byteLength <= 4 * byteLength);
      const [buffer] = place < 0 ? [] : kept.splice(place, 1);
      if (buffer === undefined) return new ArrayBuffer(roundUp(byteLength));
      bytes -= buffer.byteLength;
      return buffer;
    },
    put(buffer) {
      const { byteLength } = buffer;
      // A buffer that has moved to another thread and never came back is empty here.
      if (byteLength === 0 || byteLength > maxBytes) return;
      const place = kept.findIndex(other => other.byteLength >= byteLength);
      kept.splice(place < 0 ? kept.length : place, 0, buffer);
      bytes += byteLength;
      while (kept.length > capacity || bytes > maxBytes) bytes -= kept.shift()?.byteLength ?? 0;
    },
  };
}

/** Sizes that batches of a few more or less rows share: powers of two up to 1 MiB, then whole MiB. */
function roundUp(byteLength: number): number {
  const mebibyte = 1024 * 1024;
  if (byteLength > mebibyte) return Math.ceil(byteLength / mebibyte) * mebibyte;
  return 2 ** Math.ceil(Math.log2(Math.max(64, byteLength)));
}
