import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/**
 * Raises the HTTP/2 flow-control windows, for streams and for connections, of everything that connects to a bound server.
 * grpc-js 1.14 takes `grpc-node.flow_control_window` on the client only; a server stays at 64 KiB, where a face request
 * of 270 KB starves. Its HTTP/2 servers are private, so a version that keeps them elsewhere is told apart here and by a test.
 * To be called right after `bindAsync`, before the first connection.
 * @throws Error when grpc-js does not hold its HTTP/2 servers where expected
 */
export function raiseServerWindows(server: Server, windowBytes: number): void {
  const http2Servers: unknown = Reflect.get(server, 'http2Servers');
  if (!(http2Servers instanceof Map) || http2Servers.size === 0) {
    throw new Error("grpc-js: expected the server's HTTP/2 servers in 'http2Servers' after bindAsync, got none");
  }
  for (const http2Server of http2Servers.keys() as Iterable<Http2Server>) {
    http2Server.on('session', (session: ServerHttp2Session) => {
      session.settings({ initialWindowSize: windowBytes });
      session.setLocalWindowSize(windowBytes);
    });
  }
}
