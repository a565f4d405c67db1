/** Bytes that the whole server may hold for others at a time: of requests that arrive or wait, and of answers nobody has read. */
export type ByteBudget = {
  /** False, and nothing taken, when that many are not left; who takes from a whole budget may exceed it. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  /** Bytes that are taken. */
  used(): number;
};

export function createByteBudget(maxBytes: number): ByteBudget {
  let used = 0;
  return {
    take(bytes) {
      if (used > 0 && used + bytes > maxBytes) return false;
      used += bytes;
      return true;
    },
    give(bytes) {
      used -= bytes;
    },
    used: () => used,
  };
}
