/** What is told of the messages that pass by. */
export type FramingListener = {
  /** A message of so many bytes begins; an empty one is not told of. */
  begins(bytes: number, isCompressed: boolean): void;
  ends(): void;
};

export type MessageFraming = {
  /** The next bytes of the stream, cut anywhere. */
  read(chunk: Uint8Array): void;
};

/**
 * Follows the length-prefixed messages of one direction of a gRPC call and keeps none of their bytes
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md: one byte of flag, four of length).
 */
export function createMessageFraming(listener: FramingListener): MessageFraming {
  let prefixBytes = 0;
  let isCompressed = false;
  let length = 0;
  let missing = 0;

  function readPrefixByte(byte: number): void {
    if (prefixBytes === 0) {
      isCompressed = byte === 1;
      length = 0;
    } else length = length * 256 + byte;
    prefixBytes = (prefixBytes + 1) % 5;
    if (prefixBytes > 0 || length === 0) return;
    missing = length;
    listener.begins(length, isCompressed);
  }

  return {
    read(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (missing === 0) {
          readPrefixByte(chunk[at] ?? 0);
          at += 1;
          continue;
        }
        const size = Math.min(missing, chunk.length - at);
        at += size;
        missing -= size;
        if (missing === 0) listener.ends();
      }
    },
  };
}
