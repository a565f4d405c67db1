import type { BufferShelf } from '../onnx-pool/buffer-shelf.ts';
import { StatusError } from './status-error.ts';

/** A message that has come, and the memory that is its own: where there is some, it may travel to another thread. */
export type Message = { readonly bytes: Uint8Array; readonly buffer?: ArrayBuffer };

export type IncomingMessage = {
  /**
   * The next bytes of the call, cut anywhere.
   * @throws StatusError when the message is larger than it may be, or a second one begins
   */
  read(chunk: Uint8Array): void;
  /** The message, once it is whole. */
  whole(): Message | undefined;
};

/** From here on a message has a buffer of its own; smaller ones share one. */
const ownBufferBytes = 32 * 1024;

/** Tensors that end a message, as they do, then begin where any element may. */
const alignment = 64;

const prefixLength = 5;

/**
 * Collects the one length-prefixed message of a unary call
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md: one byte of flag, four of length). Each byte is copied
 * once, so nothing of what the socket read is kept alive.
 */
export function createIncomingMessage(maxBytes: number, shelf: BufferShelf): IncomingMessage {
  let prefixBytes = 0;
  let length = 0;
  let message: Message | undefined;
  let filled = 0;

  /** @returns how many bytes of the chunk belong to the prefix */
  function readPrefix(chunk: Uint8Array): number {
    let at = 0;
    for (; prefixBytes < prefixLength && at < chunk.length; at++, prefixBytes++) {
      // The first byte says whether the message is compressed; such calls do not come here.
      if (prefixBytes > 0) length = length * 256 + (chunk[at] ?? 0);
    }
    if (prefixBytes < prefixLength) return at;
    if (length > maxBytes) {
      throw new StatusError('RESOURCE_EXHAUSTED', `Received message larger than max (${length} vs ${maxBytes})`);
    }
    message = allocate(length, shelf);
    return at;
  }

  return {
    read(chunk) {
      const begin = message === undefined ? readPrefix(chunk) : 0;
      const rest = begin === 0 ? chunk : chunk.subarray(begin);
      if (message === undefined || rest.length === 0) return;
      if (rest.length > length - filled) {
        throw new StatusError('UNIMPLEMENTED', 'expected one message of a unary call, got another');
      }
      message.bytes.set(rest, filled);
      filled += rest.length;
    },
    whole: () => (filled === length ? message : undefined),
  };
}

function allocate(length: number, shelf: BufferShelf): Message {
  if (length < ownBufferBytes) {
    // Out of Node's pool where it is small; decoded bytes must not be of Buffer's class.
    const { buffer, byteOffset } = Buffer.allocUnsafe(length);
    return { bytes: new Uint8Array(buffer, byteOffset, length) };
  }
  const padding = -length & (alignment - 1);
  const buffer = shelf.take(length + padding);
  return { bytes: new Uint8Array(buffer, padding, length), buffer };
}
