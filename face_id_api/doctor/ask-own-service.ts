import { reachableHost, urlHost } from '../../triton/url-host.ts';
import type { Readiness } from '../client/index.ts';
import type { CheckContext, CheckedConfig } from './finding.ts';
import { getLocally } from './get-locally.ts';

export type OwnService = { readonly url: string; readonly readiness: Readiness | null };

const answerMs = 5000;

/** Where the API of this configuration is reached from here. */
export function ownUrl({ api }: Pick<CheckedConfig, 'api'>): string {
  return `${api.tls === null ? 'http' : 'https'}://${urlHost(reachableHost(api.host))}:${api.port}`;
}

/** The service of this configuration, and what it says of itself; null where none answers. */
export async function askOwnService({ config, signal }: CheckContext): Promise<OwnService> {
  const url = ownUrl(config);
  if (config.api.port === 0) return { url, readiness: null };
  const reply = await getLocally(`${url}/readyz`, AbortSignal.any([signal, AbortSignal.timeout(answerMs)]));
  return { url, readiness: toReadiness(reply?.body ?? '') };
}

function toReadiness(body: string): Readiness | null {
  try {
    const parsed = JSON.parse(body);
    return typeof parsed.status === 'string' && typeof parsed.checks === 'object' ? parsed : null;
  } catch {
    return null;
  }
}
