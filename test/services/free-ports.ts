import { once } from 'node:events';
import { createServer } from 'node:net';

/** Free loopback ports; different ones, because all are held until the last is found. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map(server => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(
    servers.map(async server => {
      server.close();
      await once(server, 'close');
    }),
  );
  return ports;
}
