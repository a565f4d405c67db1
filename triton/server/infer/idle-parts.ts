/** Below this a second thread's message and wake-up cost more than the work that it takes over. */
const leastMs = 2;

/** Weight of the newest batch in what a row is thought to cost. */
const newest = 0.2;

/** Whether a model's batches are worth dividing among threads that have nothing to do. */
export type IdleParts = {
  /** A batch of so many rows took so long in the model. */
  ran(rows: number, inferMs: number): void;
  /** Into how many parts a batch of so many rows is better divided, where so many further threads are idle: 1 to 1 + `idle`. */
  partsOf(rows: number, idle: number): number;
};

/** Goes by what the model's rows took so far. Before its first batch nothing is divided. */
export function createIdleParts(): IdleParts {
  let rowMs: number | undefined;
  return {
    ran(rows, inferMs) {
      const now = inferMs / rows;
      rowMs = rowMs === undefined ? now : rowMs + newest * (now - rowMs);
    },
    partsOf: (rows, idle) => (rows * (rowMs ?? 0) < leastMs ? 1 : 1 + idle),
  };
}
