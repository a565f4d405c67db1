/** Below this a second thread's message and wake-up cost more than the work that it takes over. */
const leastMs = 2;
/** Up to this a batch may wait for another at a worker: no longer than the main thread may leave a worker without one. */
const briefMs = 5;

/** Weight of the newest batch in what a row is thought to cost. */
const newest = 0.2;

/** What the rows of a model take, by what they took so far. */
export type RowCost = {
  /** A batch of so many rows took so long in the model. */
  ran(rows: number, inferMs: number): void;
  /** Into how many parts a batch of so many rows is better divided, where so many further threads are idle: 1 to 1 + `idle`. */
  partsOf(rows: number, idle: number): number;
  /** Whether a batch of so many rows is over before it is worth waiting for another thread. */
  isBrief(rows: number): boolean;
};

/** Before a model's first batch nothing is divided, and nothing brief. */
export function createRowCost(): RowCost {
  let rowMs: number | undefined;
  return {
    ran(rows, inferMs) {
      const now = inferMs / rows;
      rowMs = rowMs === undefined ? now : rowMs + newest * (now - rowMs);
    },
    partsOf: (rows, idle) => (rows * (rowMs ?? 0) < leastMs ? 1 : 1 + idle),
    isBrief: rows => rowMs !== undefined && rows * rowMs < briefMs,
  };
}
