/** What a model's configuration says about forming batches; `delay` and `age` of one time unit, the caller's. */
export type BatchRules = {
  readonly maxBatchSize: number;
  /** Sizes worth running at once; may be empty. */
  readonly preferredSizes: readonly number[];
  /** How long the oldest request may wait for others. 0: not at all. */
  readonly maxDelay: number;
};

export type WaitingRequest = {
  /** Rows of the batch that the request brings. */
  readonly batchSize: number;
  /** Only requests of the same key can be concatenated: equal shapes apart from the batch dimension. */
  readonly shapeKey: string;
};

export type BatchDecision =
  /** Run the first `count` requests together now. */
  | { readonly kind: 'run'; readonly count: number }
  /** Look again after this time, or when another request arrives. */
  | { readonly kind: 'wait'; readonly remaining: number };

/**
 * Decides, for an executor that is free, what becomes of the head of a first-come-first-served queue, as Triton's dynamic
 * batcher does: the longest prefix whose sum is a preferred size runs at once; otherwise a prefix that cannot grow
 * (the batch is full, the next request does not fit or has other shapes, no larger preferred size is left) or that has
 * waited long enough runs as it is; otherwise it waits. Order is never changed. A head that alone exceeds the maximum
 * runs alone: refusing it is the caller's business.
 * @param age how long the oldest request has waited
 */
export function nextBatch(queue: Iterable<WaitingRequest>, rules: BatchRules, age: number): BatchDecision | undefined {
  const { maxBatchSize, preferredSizes, maxDelay } = rules;
  let first: WaitingRequest | undefined;
  let total = 0;
  let count = 0;
  let preferredCount = 0;
  let cannotGrow = false;
  for (const request of queue) {
    first ??= request;
    if (count > 0 && (request.shapeKey !== first.shapeKey || total + request.batchSize > maxBatchSize)) {
      cannotGrow = true;
      break;
    }
    total += request.batchSize;
    count += 1;
    if (preferredSizes.includes(total)) preferredCount = count;
    if (total >= maxBatchSize) {
      cannotGrow = true;
      break;
    }
  }
  if (first === undefined) return undefined;
  const overdue = maxDelay > 0 && age >= maxDelay;
  if (preferredCount > 0 && !overdue) return { kind: 'run', count: preferredCount };
  const beyondPreferred = preferredSizes.length > 0 && total >= Math.max(...preferredSizes);
  if (overdue || cannotGrow || maxDelay === 0 || beyondPreferred) return { kind: 'run', count };
  return { kind: 'wait', remaining: maxDelay - age };
}
