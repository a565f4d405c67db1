import { pino } from 'pino';
import type { Config } from '../../config.ts';
import { type Part, parts, type Running, serve } from '../../serve.ts';
import { silentProgress } from '../../triton/build/progress.ts';

/** The product as `npm start` builds it, in this process. @param apiKey the one that opens it, in place of the configured ones */
export async function startProduct(
  config: Config,
  wanted: readonly Part[] = parts,
  apiKey?: string,
): Promise<Running & Client> {
  const running = await serve(config, wanted, {
    logger: pino({ level: 'silent' }),
    progress: silentProgress,
    print: () => {},
    signal: new AbortController().signal,
    ...(apiKey !== undefined && { apiKey }),
  });
  return { ...running, ...createClient(running.apiUrl ?? '') };
}

export type Face = {
  id: number | string | null;
  decision: string;
  score: number | null;
  confidence: number | null;
  bounding_box: [number, number, number, number];
  detection_confidence: number;
  landmarks: [number, number][];
};

export type Answer = { status: number; body: Record<string, unknown> & { faces: Face[]; code?: string } };

export type Client = ReturnType<typeof createClient>;

/** Calls the product as its users do; with a key where it wants one. */
export function createClient(apiUrl: string, apiKey?: string) {
  const keyHeader: Record<string, string> = apiKey === undefined ? {} : { 'x-api-key': apiKey };
  async function call(method: string, route: string, body?: unknown): Promise<Answer> {
    const raw = Buffer.isBuffer(body);
    const reply = await fetch(new URL(route, apiUrl), {
      method,
      ...(body === undefined
        ? { headers: keyHeader }
        : {
            body: raw ? new Uint8Array(body) : JSON.stringify(body),
            headers: { ...keyHeader, 'content-type': raw ? 'application/octet-stream' : 'application/json' },
          }),
    });
    return { status: reply.status, body: (await reply.json()) as Answer['body'] };
  }
  return {
    call,
    infer: (image: Buffer, query = ''): Promise<Answer> => call('POST', `/infer${query}`, image),
    enrol: (id: number | string, images: Buffer[], query = ''): Promise<Answer> =>
      call('POST', `/generate${query}`, { id, images: images.map(image => ({ image: image.toString('base64') })) }),
  };
}
