import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes } from 'node:crypto';
import { readSync, writeSync } from 'node:fs';
import { deriveKey } from './master-key.ts';

/** What a file is sealed with: a key for files and what it is, so that none stands for another. */
export type FileSeal = { readonly key: Uint8Array; readonly context: string };

/** `magic` and a salt, from which with the key comes the file's own key; then chunks, each its encrypted bytes and tag. */
const magic = Buffer.from('face-id sealed 1');
const saltBytes = 32;
const tagBytes = 16;
const chunkBytes = 1 << 20;
const cipher = 'aes-256-gcm';

/**
 * Encrypts what an open file holds, from its start, into another one, in pieces of a megabyte (AES-256-GCM under a key of this file
 * alone). A piece's nonce is its number and whether it is the last, so that none can be left out, repeated or moved (the STREAM
 * construction; Hoang and others 2015). Blocks its caller.
 * @returns a digest of the whole, by which `openFile` knows that it is this one and no earlier
 */
export function sealFile(from: number, to: number, { key, context }: FileSeal): string {
  const salt = randomBytes(saltBytes);
  const fileKey = createSecretKey(deriveKey(key, 'face-id file', salt));
  const digest = createHash('sha256').update(salt);
  writeFully(to, magic);
  writeFully(to, salt);
  const block = Buffer.alloc(chunkBytes);
  for (let number = 0, read = chunkBytes; read === chunkBytes; number++) {
    read = readFully(from, block, number * chunkBytes);
    const sealing = createCipheriv(cipher, fileKey, nonceOf(number, read < chunkBytes)).setAAD(Buffer.from(context));
    writeFully(to, sealing.update(block.subarray(0, read)));
    sealing.final();
    const tag = sealing.getAuthTag();
    writeFully(to, tag);
    digest.update(tag);
  }
  return digest.digest('hex');
}

/**
 * Decrypts what `sealFile` wrote into another open file, whose bytes are to be used only when this returns.
 * @throws Error where it is not the file of that digest, was changed or is cut off
 */
export function openFile(from: number, to: number, { key, context }: FileSeal, expected: string): void {
  const head = Buffer.alloc(magic.length + saltBytes);
  if (readFully(from, head, 0) < head.length || !head.subarray(0, magic.length).equals(magic)) {
    throw new Error('the sealed file: expected one of this program, got another');
  }
  const salt = head.subarray(magic.length);
  const fileKey = createSecretKey(deriveKey(key, 'face-id file', salt));
  const digest = createHash('sha256').update(salt);
  const block = Buffer.alloc(chunkBytes + tagBytes);
  for (let number = 0, read = block.length; read === block.length; number++) {
    read = readFully(from, block, head.length + number * block.length);
    if (read < tagBytes) throw new Error('the sealed file: it is cut off');
    const end = read - tagBytes;
    const nonce = nonceOf(number, read < block.length);
    const opening = createDecipheriv(cipher, fileKey, nonce, { authTagLength: tagBytes });
    opening.setAAD(Buffer.from(context)).setAuthTag(block.subarray(end, read));
    writeFully(to, opening.update(block.subarray(0, end)));
    opening.final();
    digest.update(block.subarray(end, read));
  }
  const found = digest.digest('hex');
  if (found !== expected) throw new Error(`the sealed file: expected digest ${expected}, got ${found}`);
}

function nonceOf(number: number, isLast: boolean): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 4);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

/** Fewer bytes than the block holds only at the file's end. */
function readFully(file: number, block: Buffer, position: number): number {
  let filled = 0;
  for (let read = -1; read !== 0 && filled < block.length; filled += read) {
    read = readSync(file, block, filled, block.length - filled, position + filled);
  }
  return filled;
}

function writeFully(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}
