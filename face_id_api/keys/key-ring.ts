import { createHash, timingSafeEqual } from 'node:crypto';
import { apiKeyId } from '../core/api-key.ts';
import { type Scope, scopes } from '../core/scope.ts';
import { isExpired, type StoredKey } from './key-file.ts';

/** Who asks, as far as its key says. The name is for people; the id is what logs may hold. */
export type Caller = { readonly keyId: string; readonly name: string; readonly scopes: readonly Scope[] };

/** Where a request's key is looked up. */
export type KeyRing = {
  /** Whether requests need a key at all. Once they did, they do until the process ends. */
  isRequired(): boolean;
  /** Whose key it is; null where it is nobody's, or no longer. */
  find(key: string): Caller | null;
};

/** The caller with the plain key of a file or of this process: chosen by people, and so perhaps one that can be guessed. */
export const plainKeyId = 'admin-key';
const plainCaller: Caller = { keyId: plainKeyId, name: '(admin key)', scopes };

/** Nobody needs a key. */
export const noKeys: KeyRing = { isRequired: () => false, find: () => null };

/** A ring with one plain key, which opens everything. */
export function createPlainKeyRing(plainKey: string): KeyRing {
  const find = createKeyFinder([], plainKey);
  return { isRequired: () => true, find };
}

/**
 * Looks a key up among the stored ones by its id, and compares one SHA-256 in constant time; then with the plain one. A fast hash
 * suffices: a stored key's secret has 256 random bits.
 */
export function createKeyFinder(stored: readonly StoredKey[], plainKey: string | null): (key: string) => Caller | null {
  const byId = new Map(
    stored.map(key => [key.id, { key, hash: Buffer.from(key.sha256, 'hex'), caller: toCaller(key) }]),
  );
  const plainHash = plainKey === null ? null : sha256(plainKey);
  return given => {
    const hash = sha256(given);
    const found = byId.get(apiKeyId(given) ?? '');
    if (found && timingSafeEqual(found.hash, hash)) return isExpired(found.key, Date.now()) ? null : found.caller;
    return plainHash !== null && timingSafeEqual(plainHash, hash) ? plainCaller : null;
  };
}

export function sha256(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function toCaller({ id, name, scopes }: StoredKey): Caller {
  return { keyId: id, name, scopes };
}
