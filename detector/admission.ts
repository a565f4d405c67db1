import { ServiceError } from './errors.ts';

export type AdmissionOptions = {
  /** Holders at a time. */
  readonly maxInside: number;
  /** How many may wait, and how many bytes they may hold while they do. */
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
};

export type Admission = {
  /** How many wait. */
  waiting(): number;
  /**
   * Waits for a place, first come first served, and gives the function that frees it again. Rejects with OVERLOADED when too
   * much waits already, with the signal's reason when it fires before a place is free.
   */
  enter(bytes: number, signal: AbortSignal): Promise<() => void>;
};

type Waiter = { readonly bytes: number; readonly admit: () => void };

/** Bounds how many photos are in memory as pixels, and how many wait for that. */
export function createAdmission({ maxInside, maxWaiting, maxWaitingBytes }: AdmissionOptions): Admission {
  let inside = 0;
  let waitingBytes = 0;
  const waiters: Waiter[] = [];

  function leaveOnce(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      inside--;
      waiters[0]?.admit();
    };
  }

  function remove(waiter: Waiter): void {
    waiters.splice(waiters.indexOf(waiter), 1);
    waitingBytes -= waiter.bytes;
  }

  return {
    waiting: () => waiters.length,
    async enter(bytes, signal) {
      signal.throwIfAborted();
      if (inside < maxInside) {
        inside++;
        return leaveOnce();
      }
      if (waiters.length >= maxWaiting || waitingBytes + bytes > maxWaitingBytes) {
        throw new ServiceError('OVERLOADED', `${waiters.length} photos wait already`, { retryAfterSeconds: 1 });
      }
      return await new Promise<() => void>((resolve, reject) => {
        const giveUp = () => {
          remove(waiter);
          reject(signal.reason);
        };
        const admit = () => {
          remove(waiter);
          signal.removeEventListener('abort', giveUp);
          inside++;
          resolve(leaveOnce());
        };
        const waiter: Waiter = { bytes, admit };
        waiters.push(waiter);
        waitingBytes += bytes;
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
