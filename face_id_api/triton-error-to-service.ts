import { ServiceError } from '../detector/errors.ts';
import { TritonError } from '../triton/client/triton-error.ts';

const retryAfterSeconds = 5;

/**
 * What a failed call to Triton means to our caller: the one place where gRPC codes become ours. An aborted request keeps its own
 * reason (a deadline, a client that left); every other error passes through.
 */
export function tritonErrorToService(error: unknown, model: string, signal?: AbortSignal): unknown {
  if (error instanceof ServiceError) return error;
  if (signal?.aborted) return signal.reason;
  if (!(error instanceof TritonError)) return error;
  switch (error.code) {
    case 'DEADLINE_EXCEEDED':
      return new ServiceError('DEADLINE', `model '${model}': Triton took longer than allowed`, { cause: error });
    case 'UNAVAILABLE':
      return dependencyDown(`model '${model}': Triton does not answer, or the model is not ready there`, error);
    case 'NOT_FOUND':
      return dependencyDown(`model '${model}': Triton does not serve it`, error);
    case 'RESOURCE_EXHAUSTED':
      return new ServiceError('OVERLOADED', `model '${model}': Triton has as much work as it accepts`, {
        cause: error,
        retryAfterSeconds: 1,
      });
    default:
      return new ServiceError('INTERNAL', `model '${model}': Triton refused the request`, { cause: error });
  }
}

function dependencyDown(message: string, cause: unknown): ServiceError {
  return new ServiceError('DEPENDENCY_DOWN', message, { cause, retryAfterSeconds });
}
