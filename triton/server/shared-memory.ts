import { StatusError } from './status-error.ts';

/*
 * The embedded server has no shared memory, neither the system's nor CUDA's. It answers as a real Triton 2.51 does that cannot
 * reach a client's regions: the system's when they lie in another container, CUDA's on a machine without a GPU. Clients then
 * fall back to sending tensors. To unregister what was never registered succeeds, in both.
 */

export type SharedMemoryKind = 'system' | 'cuda';

/** @throws StatusError `NOT_FOUND` for a region's name; an empty name asks for all regions, of which there are none */
export function sharedMemoryStatus(kind: SharedMemoryKind, name: string): void {
  if (name !== '') throw new StatusError('NOT_FOUND', `Unable to find ${kind} shared memory region: '${name}'`);
}

export function refuseSystemRegion(key: string): StatusError {
  return new StatusError('INTERNAL', `Unable to open shared memory region: '${key}'`);
}

export function refuseCudaRegion(): StatusError {
  return new StatusError('INVALID_ARGUMENT', 'failed to register shared memory region: invalid args');
}
