import { type LoadResult, load } from './load.ts';
import { startProductProcess } from './product-process.ts';
import { type Sample, scrape } from './prometheus.ts';

export type Scenario = {
  readonly title: string;
  /** Configuration as `FACE_ID__…` keys. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Requests with one client and with eight, for each figure. */
  readonly requests: number;
  /** Requests of the memory run; 0: none. */
  readonly memoryRequests: number;
};

export type Measurement = {
  readonly title: string;
  readonly readyMs: number;
  readonly detect: LoadResult;
  readonly infer: LoadResult;
  readonly inferEight: LoadResult;
  /** Mean milliseconds of a photo in each stage, one client. */
  readonly stages: ReadonlyMap<string, number>;
  /** Resident megabytes after as many /infer requests. */
  readonly memory: readonly { readonly requests: number; readonly megabytes: number }[];
  /** Event-loop delay of the service's main thread under eight clients, p99 in milliseconds. */
  readonly loopDelayMs: number | null;
  /** Boxes that /infer reports for each photo. */
  readonly boxes: readonly (readonly [number, number, number, number][])[];
};

/** Node's histogram holds the time from one sample to the next: an idle loop reads 10 ms, prom-client's sampling interval, and is not late. */
const samplingMs = 10;

/** Starts the product with these settings and measures it over its own HTTP. */
export async function measure(scenario: Scenario, photos: readonly Buffer[]): Promise<Measurement> {
  const { title, settings, requests, memoryRequests } = scenario;
  const product = await startProductProcess(settings);
  try {
    const detectUrl = `${product.detectorUrl}/detect`;
    const inferUrl = `${product.apiUrl}/infer`;
    const boxes: [number, number, number, number][][] = [];
    for (const photo of photos) boxes.push(await boxesOf(inferUrl, photo));
    await load({ url: inferUrl, photos, clients: 2, requests: 2 * photos.length });

    const detect = await load({ url: detectUrl, photos, clients: 1, requests });
    const before = await scrape(product.apiUrl);
    const infer = await load({ url: inferUrl, photos, clients: 1, requests });
    const stages = stageMeans(before, await scrape(product.apiUrl));
    const inferEight = await load({ url: inferUrl, photos, clients: 8, requests: 2 * requests });
    const memory = [];
    for (let done = 0; done < memoryRequests; done += 250) {
      await load({ url: inferUrl, photos, clients: 8, requests: 250 });
      const megabytes = await product.residentMegabytes();
      if (megabytes !== null) memory.push({ requests: done + 250, megabytes });
    }
    const loop = (await scrape(product.apiUrl)).find(({ name }) => name === 'nodejs_eventloop_lag_p99_seconds');
    const loopDelayMs = loop === undefined ? null : loop.value * 1000 - samplingMs;
    return { title, readyMs: product.readyMs, detect, infer, inferEight, stages, memory, loopDelayMs, boxes };
  } finally {
    await product.close();
  }
}

async function boxesOf(url: string, photo: Buffer): Promise<[number, number, number, number][]> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg' },
    body: new Uint8Array(photo),
  });
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}: ${await reply.text()}`);
  const { faces } = (await reply.json()) as { faces: { bounding_box: [number, number, number, number] }[] };
  return faces.map(face => face.bounding_box);
}

function stageMeans(before: readonly Sample[], after: readonly Sample[]): Map<string, number> {
  const total = (samples: readonly Sample[], suffix: string, stage: string): number =>
    samples.find(({ name, labels }) => name === `face_id_stage_seconds_${suffix}` && labels.stage === stage)?.value ??
    0;
  const means = new Map<string, number>();
  for (const { name, labels } of after) {
    const stage = labels.stage;
    if (name !== 'face_id_stage_seconds_count' || stage === undefined) continue;
    const count = total(after, 'count', stage) - total(before, 'count', stage);
    const seconds = total(after, 'sum', stage) - total(before, 'sum', stage);
    if (count > 0) means.set(stage, (1000 * seconds) / count);
  }
  return means;
}
