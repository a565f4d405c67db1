import type { Audit } from './audit/audit.ts';
import type { UnknownsConfig } from './config.ts';
import type { Gallery, Store } from './store/store.ts';
import type { NewUnknown } from './store/teaching.ts';

export type UnknownKeeperOptions = {
  readonly store: Store;
  readonly config: UnknownsConfig;
  readonly warn: (fields: object, message: string) => void;
  /** Told how many faces were kept. */
  readonly onKept?: (count: number) => void;
  /** Where erasures past the term are written down, as the sweeper's. */
  readonly audit?: Pick<Audit, 'actingAs'> | null;
  readonly now?: () => Date;
};

/**
 * Keeps faces that nobody was found for, where the configuration says so and for as long as it says. What is to be kept is written in
 * the background, about a second later, all of it in one transaction: a photo is never answered later for it, and a process that is
 * killed loses at most that second. No photo is kept, and nothing that names anybody.
 */
export type UnknownKeeper = {
  /** The same store; what empties a gallery also makes the keeper forget the faces that it has not written yet. */
  readonly store: Store;
  readonly keeps: boolean;
  keep(gallery: string, faces: readonly Omit<NewUnknown, 'seen'>[]): void;
  /** Faces that were seen before this time are not there any more, whether they are swept yet or not. */
  since(): string;
  /** What waits is written, or has failed to be. */
  flush(): Promise<void>;
  /** Erases what is past its term, in every gallery. */
  sweep(): Promise<void>;
  close(): Promise<void>;
};

const flushAfterMs = 1000;
const sweepEveryMs = 600_000;
const dayMs = 86_400_000;
/** Faces that wait to be written, of all galleries; a crowd beyond it loses its oldest. */
const mostWaiting = 2000;
/** Behind every time: with it nothing was seen late enough. */
export const never = '9999-12-31T23:59:59.999Z';

export function createUnknownKeeper(options: UnknownKeeperOptions): UnknownKeeper {
  const { store, config, warn, onKept = () => {}, audit = null, now = () => new Date() } = options;
  let waiting: { readonly gallery: string; readonly face: NewUnknown }[] = [];
  let timer: NodeJS.Timeout | null = null;
  let writing = Promise.resolve();
  // Not at the start itself: whoever begins has other things to read first.
  const sweeper = setInterval(() => void sweep(), sweepEveryMs).unref();
  const firstSweep = setTimeout(() => void sweep(), flushAfterMs).unref();

  const since = (): string => (config.keep ? new Date(now().getTime() - config.days * dayMs).toISOString() : never);

  function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const faces = Object.groupBy(waiting, ({ gallery }) => gallery);
    waiting = [];
    for (const [gallery, own = []] of Object.entries(faces)) {
      writing = writing.then(() =>
        write(
          gallery,
          own.map(({ face }) => face),
        ),
      );
    }
    return writing;
  }

  async function write(gallery: string, faces: readonly NewUnknown[]): Promise<void> {
    try {
      await store.gallery(gallery).keepUnknowns(faces, config.max);
      onKept(faces.length);
    } catch (error) {
      warn({ err: error, faces: faces.length }, 'unknown faces could not be kept');
    }
  }

  async function sweep(): Promise<void> {
    try {
      for (const { name } of await store.listGalleries()) await sweepGallery(store.gallery(name));
    } catch (error) {
      warn({ err: error }, 'unknown faces that are past their term could not be erased yet');
    }
  }

  async function sweepGallery(gallery: Gallery): Promise<void> {
    const oldest = await gallery.oldestUnknown();
    const seenBefore = since();
    if (oldest === null || oldest >= seenBefore) return;
    const erase = () => gallery.removeUnknowns({ seenBefore });
    await (audit === null ? erase() : audit.actingAs('sweeper', erase));
  }

  /** Before a gallery is emptied: what is being written is there then, and what waits never will be. */
  async function forget(gallery: string): Promise<void> {
    waiting = waiting.filter(one => one.gallery !== gallery);
    await writing;
  }

  return {
    store: {
      ...store,
      gallery(name): Gallery {
        const gallery = store.gallery(name);
        return {
          ...gallery,
          async removeAll() {
            await forget(name);
            return await gallery.removeAll();
          },
        };
      },
      async deleteGallery(name) {
        await forget(name);
        return await store.deleteGallery(name);
      },
    },
    keeps: config.keep,
    keep(gallery, faces) {
      if (!config.keep || faces.length === 0) return;
      const seen = now().toISOString();
      waiting.push(...faces.map(face => ({ gallery, face: { ...face, seen } })));
      if (waiting.length > mostWaiting) waiting = waiting.slice(-mostWaiting);
      timer ??= setTimeout(() => void flush(), flushAfterMs).unref();
    },
    since,
    flush,
    sweep,
    async close() {
      clearInterval(sweeper);
      clearTimeout(firstSweep);
      await flush();
    },
  };
}
