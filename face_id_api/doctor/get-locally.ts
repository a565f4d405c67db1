import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';

/**
 * What a server of this machine answers. Its certificate is for the name that others use, so it is not looked at: no key is sent, and nothing
 * that is read decides more than a line of text. Null where nothing answers in time.
 */
export async function getLocally(url: string, signal: AbortSignal): Promise<{ status: number; body: string } | null> {
  const options = { signal, agent: false } as const;
  const request = url.startsWith('https:')
    ? https.get(url, { ...options, rejectUnauthorized: false })
    : http.get(url, options);
  try {
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    return { status: response.statusCode ?? 0, body: await text(response) };
  } catch {
    return null;
  }
}
