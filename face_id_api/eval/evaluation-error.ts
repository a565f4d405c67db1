/** An evaluation that cannot be done, in words for the operator: what is wrong, where, and what to do. Paths are fine here. */
export class EvaluationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EvaluationError';
  }
}
