/** What is under way, in the order in which it came. */
export type Line<T> = Iterable<T> & {
  readonly size: number;
  add(item: T): void;
  /** Whether it was there. The first costs least. */
  delete(item: T): boolean;
};

/**
 * In an array, where a Set would come to mind. A Set makes its table anew every few additions, and the old table refers to the new one: once a
 * table is old in the sense of V8's collector, all that follow it stay alive, with whatever was in them, until the whole heap is collected. Where
 * thousands a second come and go, that copies every request twice.
 */
export function createLine<T>(): Line<T> {
  const items: T[] = [];
  return {
    get size() {
      return items.length;
    },
    add: item => void items.push(item),
    delete(item) {
      const place = items.indexOf(item);
      if (place >= 0) items.splice(place, 1);
      return place >= 0;
    },
    [Symbol.iterator]: () => items[Symbol.iterator](),
  };
}
