import { type StatusObject, status } from '@grpc/grpc-js';
import type { ByteBudget } from './byte-budget.ts';
import { StatusError } from './status-error.ts';

/** Why what a client no longer waits for is dropped. */
export const cancelled = new StatusError('CANCELLED', 'the call was cancelled');

/** Fires when the client cancels the call, leaves, or lets its deadline pass; also when the call has ended. */
export function callSignal(call: { on(event: 'cancelled', listener: () => void): unknown }): AbortSignal {
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort(cancelled));
  return controller.signal;
}

/** What one call holds of the server's bytes. */
export type CallHolding = {
  /** @throws StatusError `UNAVAILABLE` when the server holds as much as it may already */
  hold(bytes: number): void;
  release(bytes: number): void;
};

/** Holds bytes for a call, at most until it is over: cancelled, or its last answer taken by the client. */
export function callHolding(
  call: { on(event: 'cancelled', listener: () => void): unknown },
  budget: ByteBudget,
): CallHolding {
  let held = 0;
  let isOver = false;
  // grpc-js says so of every call that is over, however it ended.
  call.on('cancelled', () => {
    isOver = true;
    budget.give(held);
  });
  return {
    hold(bytes) {
      if (isOver) return;
      if (!budget.take(bytes)) {
        throw new StatusError('UNAVAILABLE', 'the server holds as many answers as it may that nobody has read');
      }
      held += bytes;
    },
    release(bytes) {
      if (isOver) return;
      budget.give(bytes);
      held -= bytes;
    },
  };
}

/** What the client learns of an error: a StatusError as it is, of others only that the server failed. */
export function toGrpcStatus(error: unknown): Pick<StatusObject, 'code' | 'details'> {
  if (error instanceof StatusError) return { code: status[error.code], details: error.message };
  return { code: status.INTERNAL, details: 'the server failed, see its log' };
}
