import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type BoundHttp, listenHttp } from './listen-http.ts';

export type MetricsHttpOptions = {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Prometheus' text format. */
  readonly text: () => Promise<string>;
};

/** Triton's metrics port: `GET /metrics`. Rejects when the port cannot be bound. */
export async function serveMetrics({ host, port, text }: MetricsHttpOptions): Promise<BoundHttp> {
  const server = createServer((request, response) => void answer(request, response, text));
  // Nothing here has a body, and nobody takes long to ask.
  server.requestTimeout = 10_000;
  return await listenHttp(server, { name: 'metrics', setting: 'triton.metrics_port', host, port });
}

async function answer(request: IncomingMessage, response: ServerResponse, text: () => Promise<string>): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  if (path !== '/metrics') return void response.writeHead(404).end();
  if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
  try {
    const body = await text();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(body);
  } catch {
    response.writeHead(500).end();
  }
}
