import { createCipheriv, randomBytes } from 'node:crypto';
import { ServiceError } from '../../detector/errors.ts';
import { haarMatrix } from '../core/haar-matrix.ts';
import { createTurnedBasis, modelBasis, type VectorBasis } from '../core/vector-basis.ts';
import { keyBytes, type MasterKey, wrapperOf } from './master-key.ts';

/** A gallery, and its wrapped seed; null: its vectors are kept as the model makes them. */
export type RotatedGallery = {
  readonly name: string;
  readonly rotation: string | null;
  readonly model: { readonly dimension: number };
};

/** The secret rotations of galleries: each one's comes from a random seed of its own, which it keeps, wrapped by the master key. */
export type GalleryRotations = {
  /** For a gallery that is made now; null where none are turned. */
  fresh(): string | null;
  /** @throws ServiceError STORAGE_FAILED where it is not as the configuration says, or turned by another key */
  basisOf(gallery: RotatedGallery): VectorBasis;
};

/** Without the gallery's name, which a switch to the gallery beside changes. */
const purpose = 'rotation of a gallery';

/** No gallery is turned, and none that is can be read. */
export const noRotations: GalleryRotations = createGalleryRotations(null, false);

/** @param isWanted whether every gallery has to be turned; where not, those that are stay so */
export function createGalleryRotations(masterKey: MasterKey | null, isWanted: boolean): GalleryRotations {
  /** By the wrapped seed and the dimension: a service keeps few, and drawing one takes milliseconds. */
  const known = new Map<string, VectorBasis>();

  return {
    fresh: () => (masterKey !== null && isWanted ? wrapSeed(masterKey, randomBytes(keyBytes)) : null),
    basisOf({ name, rotation, model: { dimension } }) {
      if (rotation === null) {
        if (masterKey === null || !isWanted) return modelBasis;
        throw refusal(
          `Gallery '${name}' holds vectors that are not rotated, and encryption.rotate_vectors asks for that: ` +
            'run `face-id gallery encryption on`',
        );
      }
      if (masterKey === null) throw refusal(`Gallery '${name}' is rotated by a secret: set encryption.key_file`);
      const place = `${dimension} ${name} ${rotation}`;
      const basis = known.get(place) ?? turnedBy(unwrapSeed(masterKey, name, rotation), dimension);
      known.set(place, basis);
      return basis;
    },
  };
}

export function wrapSeed(masterKey: MasterKey, seed: Uint8Array): string {
  return masterKey.wrap(seed, purpose);
}

/** @throws ServiceError STORAGE_FAILED where another key wrapped it */
export function unwrapSeed(masterKey: MasterKey, name: string, rotation: string): Uint8Array {
  const seed = masterKey.unwrap(rotation, purpose);
  if (seed !== null) return seed;
  throw refusal(
    `Gallery '${name}' is rotated by a secret under key ${wrapperOf(rotation) ?? '(unreadable)'}, which the configured key ` +
      `${masterKey.id} does not open: set encryption.key_file to that one`,
  );
}

/** The rotation of a seed: the keystream of AES-256-CTR under it, as uniform values of 53 bits. */
export function turnedBy(seed: Uint8Array, dimension: number): VectorBasis {
  return createTurnedBasis(dimension, () => haarMatrix(dimension, uniformFrom(seed)));
}

function uniformFrom(seed: Uint8Array): () => number {
  const stream = createCipheriv('aes-256-ctr', seed, new Uint8Array(16));
  const zeros = new Uint8Array(1 << 16);
  let bytes = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === bytes.length) {
      bytes = stream.update(zeros);
      at = 0;
    }
    const value = (bytes.readUInt32LE(at) * 2 ** 21 + (bytes.readUInt32LE(at + 4) >>> 11)) / 2 ** 53;
    at += 8;
    return value;
  };
}

function refusal(message: string): ServiceError {
  return new ServiceError('STORAGE_FAILED', message);
}
