/**
 * Counts how often `size` bytes or more are copied in JavaScript while `work` runs: by typed arrays' `set` and `slice`, by
 * Buffer's `copy` and `concat`, and by building one from another. What Node does natively is not seen.
 */
export async function countCopies(size: number, work: () => Promise<unknown>): Promise<number> {
  let bytes = 0;
  const restore: (() => void)[] = [];

  function watch(target: object, name: string, copied: (self: unknown, args: unknown[]) => number): void {
    const original: unknown = Reflect.get(target, name);
    if (typeof original !== 'function')
      throw new Error(`expected a function '${name}' to watch, got ${typeof original}`);
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, {
      configurable: true,
      writable: true,
      value(this: unknown, ...args: unknown[]) {
        bytes += copied(this, args);
        return Reflect.apply(original, this, args);
      },
    });
    restore.push(() => {
      if (descriptor === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, descriptor);
    });
  }

  const large = (value: unknown): number =>
    ArrayBuffer.isView(value) && value.byteLength >= size ? value.byteLength : 0;
  const typedArray: object = Object.getPrototypeOf(Uint8Array.prototype);
  watch(typedArray, 'set', (_, [source]) => large(source));
  watch(typedArray, 'slice', self => large(self));
  watch(Buffer.prototype, 'copy', self => large(self));
  watch(Buffer, 'concat', (_, [list]) => (Array.isArray(list) ? list.reduce((sum, part) => sum + large(part), 0) : 0));
  watch(Buffer, 'from', (_, [source]) => large(source));
  try {
    await work();
  } finally {
    for (const undo of restore) undo();
  }
  return Math.floor(bytes / size);
}
