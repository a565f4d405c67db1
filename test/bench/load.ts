/** What came of many requests. Milliseconds. */
export type LoadResult = {
  readonly requests: number;
  readonly photosPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Mean over the photos of each photo's median. */
  readonly perPhoto: number;
};

export type LoadOptions = {
  readonly url: string;
  readonly photos: readonly Buffer[];
  readonly clients: number;
  readonly requests: number;
  readonly onRequest?: () => void;
};

/** Sends the photos in turn, as raw bytes, `clients` at a time. @throws Error on any answer but 200 */
export async function load({ url, photos, clients, requests, onRequest }: LoadOptions): Promise<LoadResult> {
  const times: number[] = [];
  const byPhoto = photos.map((): number[] => []);
  let next = 0;
  async function client(): Promise<void> {
    while (next < requests) {
      const index = next++ % photos.length;
      const photo = photos[index]!;
      const began = performance.now();
      const reply = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg' },
        body: new Uint8Array(photo),
      });
      const text = await reply.text();
      if (reply.status !== 200) throw new Error(`${url} answered ${reply.status}: ${text.slice(0, 500)}`);
      const took = performance.now() - began;
      times.push(took);
      byPhoto[index]!.push(took);
      onRequest?.();
    }
  }
  const began = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - began) / 1000;
  const medians = byPhoto.filter(list => list.length > 0).map(list => quantile(list, 0.5));
  return {
    requests,
    photosPerSecond: requests / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    perPhoto: medians.reduce((sum, value) => sum + value, 0) / medians.length,
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
