import { randomBytes } from 'node:crypto';
import { formatApiKey, keyIdBytes, secretBytes } from '../core/api-key.ts';
import type { Scope } from '../core/scope.ts';
import { isExpired, type StoredKey } from './key-file.ts';
import { sha256 } from './key-ring.ts';
import { KeysError } from './keys-error.ts';

/** A new key, shown once, and what is kept of it. */
export type IssuedKey = { readonly key: string; readonly stored: StoredKey };

export type KeyTerms = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly now: Date;
  /** Null: it does not expire. */
  readonly expires: Date | null;
};

export function issueKey({ name, scopes, now, expires }: KeyTerms): IssuedKey {
  const id = randomBytes(keyIdBytes).toString('hex');
  const key = formatApiKey(id, randomBytes(secretBytes).toString('hex'));
  const created = now.toISOString();
  return {
    key,
    stored: {
      id,
      name,
      scopes: [...scopes],
      sha256: sha256(key).toString('hex'),
      created,
      expires: expires?.toISOString() ?? null,
    },
  };
}

/** The keys with one more. @throws KeysError where one of its name works still */
export function addKey(keys: readonly StoredKey[], { stored }: IssuedKey): readonly StoredKey[] {
  if (keys.some(key => key.name === stored.name && !isExpired(key, Date.parse(stored.created)))) {
    throw new KeysError(`A key named ${stored.name} is there: rotate it, or remove it first`);
  }
  return [...keys, stored];
}

/** The keys without those of a name. @throws KeysError where there is none */
export function removeKeys(keys: readonly StoredKey[], name: string): readonly StoredKey[] {
  const kept = keys.filter(key => key.name !== name);
  if (kept.length === keys.length) throw noSuchKey(name);
  return kept;
}

export type Rotation = {
  readonly name: string;
  readonly now: Date;
  /** How long the key that is replaced still works, in milliseconds. */
  readonly graceMs: number;
  /** Of the new key; undefined: as the one that it replaces. */
  readonly expires: Date | undefined;
};

/**
 * The keys with a successor of the newest one of a name, which works on until the end of the grace.
 * @throws KeysError where there is none, or the successor would have expired
 */
export function rotateKey(
  keys: readonly StoredKey[],
  { name, now, graceMs, expires }: Rotation,
): { readonly keys: readonly StoredKey[]; readonly issued: IssuedKey } {
  const old = keys.findLast(key => key.name === name);
  if (old === undefined) throw noSuchKey(name);
  if (expires === undefined && isExpired(old, now.getTime())) {
    throw new KeysError(`The key ${name} has expired: say with --expires for how long the new one is to work`);
  }
  const inherited = old.expires === null ? null : new Date(old.expires);
  const issued = issueKey({ name, scopes: old.scopes, now, expires: expires ?? inherited });
  const end = Math.min(now.getTime() + graceMs, inherited?.getTime() ?? Number.POSITIVE_INFINITY);
  const ending = { ...old, expires: new Date(end).toISOString() };
  return { keys: [...keys.map(key => (key === old ? ending : key)), issued.stored], issued };
}

function noSuchKey(name: string): KeysError {
  return new KeysError(`There is no key named ${name}`);
}
