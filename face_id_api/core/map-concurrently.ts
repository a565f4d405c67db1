/**
 * The results of `work` over `items`, in their order, at most `limit` at a time. The first failure aborts the signal that the
 * others were given, waits for them to end and rejects with it; nothing new starts.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
  work: (item: T, index: number, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const results: R[] = new Array(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      either.throwIfAborted();
      const index = next++;
      results[index] = await work(items[index]!, index, either);
    }
  };
  // A second abort changes nothing, so the reason stays what failed first; the others only echo it.
  const lanes = Array.from({ length: Math.min(limit, items.length) }, () =>
    lane().catch(error => failure.abort(error)),
  );
  await Promise.all(lanes);
  failure.signal.throwIfAborted();
  return results;
}
