import { cosine } from '../core/similarity.ts';
import { createRecallTally } from './recall-tally.ts';
import type { RecallCount } from './store.ts';
import type { Keyed, TemplateTable } from './template-table.ts';

export type RecallCheckOptions = {
  readonly templates: TemplateTable;
  /** One of so many searches is repeated. */
  readonly every: number;
  /** Whether the templates' vectors are. */
  readonly isSealed?: boolean;
  /** Told as `createRecallTally` says. */
  readonly warn: (fields: object, message: string) => void;
};

/** Repeats a share of the searches that an index answered, exactly, beside everything else. */
export type RecallCheck = {
  /** What a search in a gallery has found: the best score, null for nothing. Cheap; takes up to `maxWaiting` at a time. */
  offer(gallery: number, probe: Float32Array, score: number | null): void;
  counts(): RecallCount;
  close(): void;
};

type Sample = {
  readonly gallery: number;
  readonly probe: Float32Array;
  readonly found: number;
  /** Templates that were added later do not count. */
  readonly newest: number;
  best: number;
};

const maxWaiting = 16;
/**
 * A slice of rows takes a quarter of a millisecond, which no search will miss, and the pauses leave nineteen twentieths of the thread to
 * others. To open a sealed one takes long.
 */
const rowsPerSlice = { plain: 64, sealed: 16 } as const;
const pauseMs = 5;

export function createRecallCheck({ templates, every, isSealed = false, warn }: RecallCheckOptions): RecallCheck {
  const sliceRows = isSealed ? rowsPerSlice.sealed : rowsPerSlice.plain;
  let waiting: Sample[] = [];
  let timer: NodeJS.Timeout | null = null;
  let offered = 0;
  const tally = createRecallTally(warn);

  function later(work: () => void): void {
    timer = setTimeout(() => {
      timer = null;
      work();
    }, pauseMs).unref();
  }

  /** One walk over a gallery serves all of its samples. */
  function begin(): void {
    const gallery = waiting[0]?.gallery;
    if (gallery === undefined) return;
    const samples = waiting.filter(sample => sample.gallery === gallery);
    waiting = waiting.filter(sample => sample.gallery !== gallery);
    walk(gallery, samples, 0);
  }

  function walk(gallery: number, samples: readonly Sample[], from: number): void {
    let rows: readonly Keyed[];
    try {
      rows = templates.searchable(gallery, from, sliceRows);
    } catch (error) {
      warn({ err: error }, 'a search could not be repeated');
      later(begin);
      return;
    }
    for (const { key, vector } of rows) {
      for (const sample of samples) {
        if (key <= sample.newest)
          sample.best = Math.max(sample.best, cosine(sample.probe, 0, vector, 0, vector.length));
      }
    }
    const last = rows.at(-1);
    if (last !== undefined && rows.length === sliceRows) {
      later(() => walk(gallery, samples, last.key));
      return;
    }
    for (const { best, found } of samples) tally.add(found, best);
    later(begin);
  }

  return {
    offer(gallery, probe, score) {
      offered += 1;
      if (offered % every !== 0 || waiting.length === maxWaiting) return;
      const found = score ?? Number.NEGATIVE_INFINITY;
      const newest = templates.newest();
      waiting.push({ gallery, probe: probe.slice(), found, newest, best: Number.NEGATIVE_INFINITY });
      if (timer === null) later(begin);
    },
    counts: tally.counts,
    close() {
      if (timer !== null) clearTimeout(timer);
      waiting = [];
    },
  };
}
