import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync } from 'node:crypto';
import { ServiceError } from '../../detector/errors.ts';
import { toFloat32Array } from '../../triton/core/tensor.ts';
import { deriveKey } from './master-key.ts';

/** What a sealed vector is of. It opens nowhere else: in no other row, gallery or model. */
export type SealedPlace = {
  /** The gallery's key. */
  readonly gallery: number;
  /** Unique among all vectors of the gallery, and told for each one alike: `template:UUID`. */
  readonly row: string;
};

/** How a store keeps vectors as bytes. Every column of vectors is written and read through it. */
export type VectorSeal = {
  readonly isSealed: boolean;
  seal(vector: Float32Array, place: SealedPlace): Uint8Array;
  /** @throws ServiceError STORAGE_FAILED where the bytes are not what was sealed here */
  open(bytes: Uint8Array, place: SealedPlace): Float32Array;
};

/** Of how a sealed vector is laid out and what is authenticated with it; another layout asks for another number. */
const version = 1;
const cipher = 'aes-256-gcm';
const [nonceBytes, tagBytes] = [12, 16];
const openingOptions = { authTagLength: tagBytes };
/** Random bytes are drawn for so many nonces at a time: asking for twelve costs as much as encrypting a vector. */
const noncesAtOnce = 256;

/** Vectors as they are: their little-endian float32 values. */
export const plainVectors: VectorSeal = {
  isSealed: false,
  seal: toBytes,
  open: bytes => toFloat32Array(bytes),
};

/**
 * Each vector by itself in AES-256-GCM: a random nonce, the encrypted values, the tag. Authenticated with it are the layout's version,
 * the fingerprint of the gallery's model, the gallery and the row.
 * @param dataKey 32 random bytes, for no other store
 */
export function createVectorSeal(dataKey: Uint8Array, fingerprintOf: (gallery: number) => string): VectorSeal {
  const key = createSecretKey(deriveKey(dataKey, 'face-id vectors'));
  const nonces = new Uint8Array(nonceBytes * noncesAtOnce);
  let used = noncesAtOnce;

  function nextNonce(): Uint8Array {
    if (used === noncesAtOnce) {
      randomFillSync(nonces);
      used = 0;
    }
    return nonces.subarray(nonceBytes * used, nonceBytes * ++used);
  }

  const context = ({ gallery, row }: SealedPlace): Buffer =>
    Buffer.from(`v${version} ${gallery} ${fingerprintOf(gallery)} ${row}`);

  return {
    isSealed: true,
    seal(vector, place) {
      const nonce = nextNonce();
      const sealing = createCipheriv(cipher, key, nonce).setAAD(context(place));
      const values = sealing.update(toBytes(vector));
      sealing.final();
      return Buffer.concat([nonce, values, sealing.getAuthTag()]);
    },
    open(bytes, place) {
      const end = bytes.length - tagBytes;
      try {
        const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), openingOptions);
        opening.setAAD(context(place)).setAuthTag(bytes.subarray(end));
        const values = opening.update(bytes.subarray(nonceBytes, end));
        opening.final();
        return toFloat32Array(values);
      } catch (cause) {
        const message =
          'The store failed: a vector cannot be decrypted, because it was changed or is in a row that is not its own';
        throw new ServiceError('STORAGE_FAILED', message, { cause });
      }
    },
  };
}

function toBytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}
