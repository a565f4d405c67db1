import { once } from 'node:events';
import http from 'node:http';

export type CuttingProxy = {
  readonly url: string;
  /** From now on so many requests come through; of the others nobody hears. */
  allow(count: number): void;
  close(): Promise<void>;
};

/** Stands between a store and its server, and stops passing anything on, as if the process had died there. */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  let left = Number.POSITIVE_INFINITY;
  const server = http.createServer((request, response) => {
    if (left-- <= 0) return void request.socket.destroy();
    const { method, headers, url } = request;
    const passed = http.request(new URL(url ?? '/', target), { method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    allow(count) {
      left = count;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
