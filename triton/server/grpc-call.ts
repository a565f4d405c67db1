import { type StatusObject, status } from '@grpc/grpc-js';
import { StatusError } from './status-error.ts';

const cancelled = new StatusError('CANCELLED', 'the call was cancelled');

/** Fires when the client cancels the call, leaves, or lets its deadline pass; also when the call has ended. */
export function callSignal(call: { on(event: 'cancelled', listener: () => void): unknown }): AbortSignal {
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort(cancelled));
  return controller.signal;
}

/** What the client learns of an error: a StatusError as it is, of others only that the server failed. */
export function toGrpcStatus(error: unknown): Pick<StatusObject, 'code' | 'details'> {
  if (error instanceof StatusError) return { code: status[error.code], details: error.message };
  return { code: status.INTERNAL, details: 'the server failed, see its log' };
}
