// A gRPC client of as few instructions as possible: HTTP/2 frames over a plain socket, for unary calls that are answered OK.
// A load generator that costs more than the server would measure itself.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One answer's message, or undefined where the server ended the call without one; what it said then is not read. */
export type OnAnswer = (message: Buffer | undefined) => void;

export type WireConnection = {
  /** Sends one message, already in gRPC's frame (`grpcFrame`). The answer is a view that is valid during the call only. */
  send(framed: Buffer, onAnswer: OnAnswer): void;
  close(): void;
};

type Call = {
  readonly onAnswer: OnAnswer;
  window: number;
  unsent: Buffer | undefined;
  received: Buffer[];
  size: number;
};

const frameType = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
const flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8 } as const;
const setting = { headerTableSize: 1, enablePush: 2, initialWindowSize: 4, maxFrameSize: 5 } as const;
const frameHead = 9;
const largestWindow = 2 ** 31 - 1;

/** A message behind gRPC's five bytes: not compressed, length. */
export function grpcFrame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(5 + message.length);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, 5);
  return framed;
}

/** @param path of the one RPC that the connection calls */
export async function openWireConnection(address: string, path: string): Promise<WireConnection> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host).setNoDelay(true);
  await once(socket, 'connect');
  return createConnection(socket, headerBlock(path, address));
}

function createConnection(socket: Socket, headers: Buffer): WireConnection {
  const calls = new Map<number, Call>();
  const stalled: [number, Call][] = [];
  let nextStream = 1;
  let window = 65_535;
  let initialWindow = 65_535;
  let maxFrame = 16_384;
  let consumed = 0;
  let rest: Buffer | undefined;
  let isClosed = false;

  const fail = (error: Error): void => {
    socket.destroy();
    if (!isClosed) throw error;
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  socket.on('data', read);
  socket.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
  // No header table: every answer's header blocks are then whole, and need not be read.
  const settings = [
    [setting.headerTableSize, 0],
    [setting.enablePush, 0],
    [setting.initialWindowSize, largestWindow],
  ] as const;
  socket.write(settingsFrame(settings));
  socket.write(windowUpdate(largestWindow - 65_535));

  function read(chunk: Buffer): void {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    socket.cork();
    while (at + frameHead <= bytes.length) {
      const end = at + frameHead + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const payload = bytes.subarray(at + frameHead, end);
      readFrame(bytes[at + 3]!, bytes[at + 4]!, bytes.readUInt32BE(at + 5) & 0x7fff_ffff, payload);
      at = end;
    }
    socket.uncork();
    rest = at === bytes.length ? undefined : bytes.subarray(at);
  }

  function readFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    const call = calls.get(stream);
    if (type === frameType.data) {
      if (flags & flag.padded) fail(new Error('the server sent padded data, which this client does not read'));
      consumed += payload.length;
      if (consumed > 2 ** 28) {
        socket.write(windowUpdate(consumed));
        consumed = 0;
      }
      call?.received.push(payload);
    } else if (type === frameType.settings && !(flags & flag.ack)) readSettings(payload);
    else if (type === frameType.windowUpdate) {
      const more = payload.readUInt32BE(0);
      if (stream === 0) window += more;
      else if (call !== undefined) call.window += more;
      sendStalled();
    } else if (type === frameType.ping && !(flags & flag.ack))
      socket.write(frame(frameType.ping, flag.ack, 0, payload));
    else if (type === frameType.goAway) fail(new Error(`the server refused the connection: ${payload.subarray(8)}`));
    const ends =
      type === frameType.reset || ((type === frameType.data || type === frameType.headers) && flags & flag.endStream);
    if (!ends || call === undefined) return;
    calls.delete(stream);
    call.onAnswer(messageOf(call.received));
  }

  function readSettings(payload: Buffer): void {
    for (let at = 0; at < payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      if (payload.readUInt16BE(at) === setting.maxFrameSize) maxFrame = value;
      if (payload.readUInt16BE(at) !== setting.initialWindowSize) continue;
      for (const call of calls.values()) call.window += value - initialWindow;
      initialWindow = value;
    }
    socket.write(frame(frameType.settings, flag.ack, 0, Buffer.alloc(0)));
    sendStalled();
  }

  function sendStalled(): void {
    for (const [stream, call] of stalled.splice(0)) sendData(stream, call);
  }

  /** As much as both windows let through; the rest when the server has read on. */
  function sendData(stream: number, call: Call): void {
    while (call.unsent !== undefined) {
      const size = Math.min(call.unsent.length, window, call.window, maxFrame);
      if (size <= 0) {
        stalled.push([stream, call]);
        return;
      }
      const isLast = size === call.unsent.length;
      socket.write(frameHeader(size, frameType.data, isLast ? flag.endStream : 0, stream));
      socket.write(call.unsent.subarray(0, size));
      window -= size;
      call.window -= size;
      call.unsent = isLast ? undefined : call.unsent.subarray(size);
    }
  }

  return {
    send(framed, onAnswer) {
      const stream = nextStream;
      nextStream += 2;
      const call: Call = { onAnswer, window: initialWindow, unsent: framed, received: [], size: 0 };
      calls.set(stream, call);
      socket.cork();
      socket.write(frameHeader(headers.length, frameType.headers, flag.endHeaders, stream));
      socket.write(headers);
      sendData(stream, call);
      socket.uncork();
    },
    close() {
      isClosed = true;
      socket.destroy();
    },
  };
}

function messageOf(received: readonly Buffer[]): Buffer | undefined {
  const framed = received.length === 1 ? received[0] : Buffer.concat(received);
  return framed === undefined || framed.length < 5 ? undefined : framed.subarray(5);
}

/** RFC 7541: literals without indexing, names from the static table where it has them, nothing compressed. */
function headerBlock(path: string, authority: string): Buffer {
  const named = (index: number, value: string): Buffer =>
    index < 15
      ? Buffer.concat([Buffer.of(index), text(value)])
      : Buffer.concat([Buffer.of(0x0f, index - 15), text(value)]);
  const literal = (name: string, value: string): Buffer => Buffer.concat([Buffer.of(0), text(name), text(value)]);
  return Buffer.concat([
    Buffer.of(0x83, 0x86), // :method POST, :scheme http
    named(4, path),
    named(1, authority),
    literal('te', 'trailers'),
    named(31, 'application/grpc'),
    literal('grpc-timeout', '60S'),
  ]);
}

function text(value: string): Buffer {
  if (value.length > 126) throw new RangeError(`header value: expected at most 126 characters, got ${value.length}`);
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value, 'latin1')]);
}

function frameHeader(length: number, type: number, flags: number, stream: number): Buffer {
  const head = Buffer.allocUnsafe(frameHead);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return head;
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  return Buffer.concat([frameHeader(payload.length, type, flags, stream), payload]);
}

function windowUpdate(increment: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(increment, 0);
  return frame(frameType.windowUpdate, 0, 0, payload);
}

function settingsFrame(settings: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(6 * settings.length);
  for (const [index, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, 6 * index);
    payload.writeUInt32BE(value, 6 * index + 2);
  }
  return frame(frameType.settings, 0, 0, payload);
}
