import type { Audit } from '../audit/audit.ts';
import type { RetentionConfig } from '../config.ts';
import type { Store } from '../store/store.ts';
import { sweepStore } from './sweep-store.ts';

/** What sweeps came to since the start, in numbers. */
export type SweepTally = {
  readonly erased: number;
  /** Who was due at the end of the last whole sweep; null before it. */
  readonly last: { readonly due: number; readonly ended: Date } | null;
};

export type Sweeper = { tally(): SweepTally; close(): Promise<void> };

export type SweeperOptions = {
  readonly retention: Pick<RetentionConfig, 'unseen_days' | 'sweep' | 'every_hours'>;
  /** Whose changes are written down. */
  readonly store: Store;
  readonly audit: Pick<Audit, 'actingAs' | 'note'>;
  readonly logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  readonly now?: () => Date;
};

/** A service that has just been started has other things to do. */
const firstAfterMs = 60_000;
/** Of one gallery, before its next look: who was found to be due may not be any more. */
const mostAtOnce = 1000;

/** Sweeps every gallery by itself, as often as the configuration says. The log has numbers of it, and no ids. */
export function startSweeper({ retention, store, audit, logger, now = () => new Date() }: SweeperOptions): Sweeper {
  const { sweep, every_hours: everyHours } = retention;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  const closing = new AbortController();
  let tally: SweepTally = { erased: 0, last: null };

  function later(delayMs: number): void {
    if (closing.signal.aborted) return;
    timer = setTimeout(run, delayMs).unref();
  }

  function run(): void {
    running = audit
      .actingAs('sweeper', () => sweepAll())
      .catch(error => logger.warn({ err: error }, 'those who are due could not all be looked for or erased'))
      .finally(() => {
        running = null;
        later(everyHours * 3_600_000);
      });
  }

  async function sweepAll(): Promise<void> {
    let due = 0;
    for (const { name } of await store.listGalleries()) {
      let left = 0;
      for (let hasMore = true; hasMore && !closing.signal.aborted; ) ({ hasMore, left } = await sweepPart(name));
      due += left;
    }
    if (!closing.signal.aborted) tally = { ...tally, last: { due, ended: now() } };
  }

  async function sweepPart(name: string): Promise<{ readonly hasMore: boolean; readonly left: number }> {
    const apply = sweep === 'erase';
    const options = { apply, limit: mostAtOnce, now: now(), signal: closing.signal };
    const { reasons, due, receipts } = await sweepStore({ store, audit, retention }, name, options);
    const message = apply ? 'swept' : 'looked for those who are due';
    logger.info({ gallery: name, ...reasons, erased: receipts.length }, message);
    tally = { ...tally, erased: tally.erased + receipts.length };
    const left = reasons.consent_expired + reasons.unseen - receipts.length;
    return { hasMore: due.length === mostAtOnce && receipts.length > 0, left };
  }

  if (sweep !== 'off') later(firstAfterMs);
  return {
    tally: () => tally,
    async close() {
      closing.abort();
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
