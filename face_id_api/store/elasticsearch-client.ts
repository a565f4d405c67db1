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

/** With the client's backoff of half a second to two, about two seconds more until a request fails. */
const maxRetries = 2;

/**
 * The client, which opens no connection yet. What found no connection, or was answered 502, 503 or 504, is asked again twice, on
 * another node where there are several; what was not answered in time is not.
 */
export function createElasticsearchClient({ urls, auth, ca, timeoutMs }: ElasticsearchConnection): Client {
  return new Client({
    nodes: [...urls],
    maxRetries,
    requestTimeout: timeoutMs,
    redaction: { type: 'remove' },
    enableMetaHeader: false,
    ...(auth === null ? {} : { auth }),
    ...(ca === null ? {} : { tls: { ca } }),
  });
}
