// @ts-check

/** @typedef {import('../replies.d.ts').Problem} Problem */

/** An answer that is no success, or none at all (`OFFLINE`). */
export class ApiError extends Error {
  /**
   * @param {Problem} problem
   * @param {number | null} retryAfter seconds
   */
  constructor(problem, retryAfter = null) {
    super(problem.detail);
    this.name = 'ApiError';
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}
