import { Client } from '@elastic/elasticsearch';

export type ElasticsearchConnection = {
  /** `https://host:9200`, one or several nodes of one cluster. */
  readonly urls: readonly string[];
  readonly auth: { readonly apiKey: string } | { readonly username: string; readonly password: string } | null;
  /** Certificates that its own is signed by, PEM; null: those that Node trusts. */
  readonly ca: string | null;
  /** Of one attempt. */
  readonly timeoutMs: number;
};

const maxRetries = 3;

/**
 * The client, which opens no connection yet. What was not answered, or with 429, 502, 503 or 504, is asked again up to three times,
 * on another node where there are several, after a random share of 0.2, 0.4 and 0.8 seconds.
 */
export function createElasticsearchClient({ urls, auth, ca, timeoutMs }: ElasticsearchConnection): Client {
  return new Client({
    nodes: [...urls],
    maxRetries,
    retryOnTimeout: true,
    requestTimeout: timeoutMs,
    retryBackoff: (_min, _max, attempt) => Math.random() * 0.2 * 2 ** attempt,
    redaction: { type: 'remove' },
    enableMetaHeader: false,
    ...(auth === null ? {} : { auth }),
    ...(ca === null ? {} : { tls: { ca } }),
  });
}
