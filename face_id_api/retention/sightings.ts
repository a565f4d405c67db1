import type { IdentityId } from '../core/identity-id.ts';
import type { Store } from '../store/store.ts';

export type Sightings = {
  /** Somebody was recognised now. Costs nothing: it is written down with others' later. */
  add(gallery: string, id: IdentityId): void;
  /** Writes down what was not yet. */
  flush(): Promise<void>;
  /** The last flush included. */
  close(): Promise<void>;
};

export type SightingsOptions = {
  readonly store: Pick<Store, 'gallery'>;
  readonly warn: (fields: object, message: string) => void;
  readonly now?: () => Date;
  readonly everyMs?: number;
};

/**
 * On which day people were recognised last: to the day, which is what retention asks for and no more, and in one write a minute. What a
 * process that is killed had not written, at most a minute's, is lost.
 */
export function createSightings(options: SightingsOptions): Sightings {
  const { store, warn, now = () => new Date(), everyMs = 60_000 } = options;
  let days = new Map<string, Map<IdentityId, string>>();
  let writing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => void flush(), everyMs).unref();

  function flush(): Promise<void> {
    const seen = days;
    days = new Map();
    writing = writing.then(async () => {
      for (const [gallery, ids] of seen) {
        await store
          .gallery(gallery)
          .see(ids)
          .catch(error => warn({ err: error }, 'who was recognised today could not be written down'));
      }
    });
    return writing;
  }

  return {
    add(gallery, id) {
      const ids = days.get(gallery) ?? new Map<IdentityId, string>();
      days.set(gallery, ids.set(id, now().toISOString().slice(0, 10)));
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
