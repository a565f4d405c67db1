import type { Http2Server } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/**
 * The HTTP/2 servers of a bound grpc-js server: what it cannot be asked for by its own options is set on them. They are
 * private, so a version of grpc-js that keeps them elsewhere is told apart here and by a test. To be called right after
 * `bindAsync`, before the first connection.
 * @throws Error when grpc-js does not hold them where expected
 */
export function http2ServersOf(server: Server): readonly Http2Server[] {
  const http2Servers: unknown = Reflect.get(server, 'http2Servers');
  if (!(http2Servers instanceof Map) || http2Servers.size === 0) {
    throw new Error("grpc-js: expected the server's HTTP/2 servers in 'http2Servers' after bindAsync, got none");
  }
  return [...(http2Servers.keys() as Iterable<Http2Server>)];
}
