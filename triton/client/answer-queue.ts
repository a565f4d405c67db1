export type AnswerQueue<T> = {
  push(item: T): void;
  /** After the items that wait: the end, or an error that `items` throws. */
  end(error?: Error): void;
  /** In their order, as they come. To be iterated once. */
  items(): AsyncGenerator<T, void, undefined>;
  /** Lets go of what waits. */
  drop(): void;
};

export type AnswerQueueOptions = {
  /** Items that may wait before `onFull` is called. What is on its way already is still taken. */
  readonly capacity: number;
  readonly onFull: () => void;
  /** Less than half wait again, or all were dropped. */
  readonly onDrained: () => void;
};

/** Answers between the stream that brings them and the reader that takes them. */
export function createAnswerQueue<T>({ capacity, onFull, onDrained }: AnswerQueueOptions): AnswerQueue<T> {
  const waiting: T[] = [];
  let ended = false;
  let failure: Error | undefined;
  let wake = Promise.withResolvers<void>();

  return {
    push(item) {
      waiting.push(item);
      if (waiting.length >= capacity) onFull();
      wake.resolve();
    },
    end(error) {
      ended = true;
      failure = error;
      wake.resolve();
    },
    async *items() {
      for (;;) {
        const item = waiting.shift();
        if (item !== undefined) {
          if (waiting.length < capacity / 2) onDrained();
          yield item;
        } else if (!ended) {
          await wake.promise;
          wake = Promise.withResolvers();
        } else {
          if (failure !== undefined) throw failure;
          return;
        }
      }
    },
    drop() {
      waiting.length = 0;
      onDrained();
    },
  };
}
