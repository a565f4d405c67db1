import type { Http2Server, ServerHttp2Session } from 'node:http2';

/** A tensor in a few frames instead of many: each costs an event of its own. */
const maxFrameSize = 1024 * 1024;

/**
 * Raises the HTTP/2 flow-control windows, for streams and for connections, of everything that connects, and the size of its
 * frames. grpc-js 1.14 takes `grpc-node.flow_control_window` on the client only; a server stays at 64 KiB, where a face
 * request of 270 KB starves.
 */
export function raiseWindows(server: Http2Server, windowBytes: number): void {
  server.on('session', (session: ServerHttp2Session) => {
    session.settings({ initialWindowSize: windowBytes, maxFrameSize });
    session.setLocalWindowSize(windowBytes);
  });
}
