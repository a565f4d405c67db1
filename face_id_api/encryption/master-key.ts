import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';

/**
 * The operator's key. It encrypts nothing but secrets: the data key of a store and the seeds of rotations, which are kept wrapped by it
 * beside what they protect. So another master key is a matter of wrapping these anew.
 */
export type MasterKey = {
  /** Tells keys apart and nothing else about them: eight hexadecimal digits. */
  readonly id: string;
  /** A secret as text that only this key, and only for the same purpose, turns back. Of the same length for secrets of the same length. */
  wrap(secret: Uint8Array, purpose: string): string;
  /** Null where another key wrapped it, or for another purpose, or where it was changed. */
  unwrap(wrapped: string, purpose: string): Uint8Array | null;
};

export const keyBytes = 32;

const cipher = 'aes-256-gcm';
const [nonceBytes, tagBytes] = [12, 16];
const pattern = /^v1\.([0-9a-f]{8})\.([A-Za-z0-9+/]+=*)$/;

/** @param key 32 random bytes */
export function createMasterKey(key: Uint8Array): MasterKey {
  if (key.length !== keyBytes) throw new RangeError(`key: expected ${keyBytes} bytes, got ${key.length}`);
  const id = Buffer.from(deriveKey(key, 'face-id key id').subarray(0, 4)).toString('hex');
  const wrapping = createSecretKey(deriveKey(key, 'face-id wrapping key'));

  return {
    id,
    wrap(secret, purpose) {
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, wrapping, nonce).setAAD(Buffer.from(`v1 ${purpose}`));
      const sealed = [nonce, sealing.update(secret), sealing.final(), sealing.getAuthTag()];
      return `v1.${id}.${Buffer.concat(sealed).toString('base64')}`;
    },
    unwrap(wrapped, purpose) {
      const [, by, base64 = ''] = pattern.exec(wrapped) ?? [];
      const bytes = Buffer.from(base64, 'base64');
      if (by !== id || bytes.length <= nonceBytes + tagBytes) return null;
      const opening = createDecipheriv(cipher, wrapping, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
      opening.setAAD(Buffer.from(`v1 ${purpose}`)).setAuthTag(bytes.subarray(-tagBytes));
      try {
        return Buffer.concat([opening.update(bytes.subarray(nonceBytes, -tagBytes)), opening.final()]);
      } catch {
        return null;
      }
    },
  };
}

/** Opens what either of two keys has wrapped, and wraps as the first one does: for a rotation that was cut off. */
export function eitherKey(first: MasterKey, second: MasterKey): MasterKey {
  return { ...first, unwrap: (wrapped, purpose) => first.unwrap(wrapped, purpose) ?? second.unwrap(wrapped, purpose) };
}

/** The id of the key that wrapped a secret; null where the text is no wrapped secret. */
export function wrapperOf(wrapped: string): string | null {
  return pattern.exec(wrapped)?.[1] ?? null;
}

/** A key for one purpose out of another (HKDF-SHA-256, RFC 5869). */
export function deriveKey(key: Uint8Array, purpose: string, salt: Uint8Array = new Uint8Array(0)): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, purpose, keyBytes));
}
