import { createFaceIdClient, type Readiness } from '../client/index.ts';
import type { CheckContext } from './finding.ts';

export type OwnService = { readonly url: string; readonly readiness: Readiness | null };

const answerMs = 5000;

/** The service of this configuration, and what it says of itself; null where none answers. */
export async function askOwnService({ config: { api }, signal }: CheckContext): Promise<OwnService> {
  const host = api.host === '0.0.0.0' ? '127.0.0.1' : api.host === '::' ? '::1' : api.host;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${api.port}`;
  if (api.port === 0) return { url, readiness: null };
  const client = createFaceIdClient({ url, timeoutMs: answerMs, retries: 0, signal });
  return { url, readiness: await client.ready().catch(() => null) };
}
