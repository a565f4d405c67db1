/** Why a request failed, in Triton's words. What its model's check refuses is not counted, as in a real Triton. */
export const failureReasons = ['OTHER', 'BACKEND', 'CANCELED', 'REJECTED'] as const;

export type FailureReason = (typeof failureReasons)[number];

/** One batch that was run; milliseconds. */
export type ExecutedBatch = {
  /** For each of its requests, the time from its arrival to the batch's begin. */
  readonly waitedMs: readonly number[];
  /** Rows of all its requests; a request of a model that does not batch counts as one. */
  readonly rows: number;
  /** From the batch's begin to the answers. */
  readonly totalMs: number;
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
};

/** What is counted of one model version. */
export type ModelMetrics = {
  executed(batch: ExecutedBatch): void;
  /** @param elapsedMs from the request's arrival to its failure */
  failed(reason: FailureReason, elapsedMs: number): void;
  /** The version is served no longer: its counts are shown nowhere from here on. */
  retire(): void;
};
