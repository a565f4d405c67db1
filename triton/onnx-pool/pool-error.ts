/** Why the pool itself failed a job, as opposed to the job's own error. */
export type PoolErrorCode = 'QUEUE_FULL' | 'WORKER_DIED' | 'POOL_CLOSED';

export class PoolError extends Error {
  readonly code: PoolErrorCode;

  constructor(code: PoolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PoolError';
    this.code = code;
  }
}
