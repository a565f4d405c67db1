/** Bytes of randomness of a key's secret. Nobody guesses 256 bits, so a fast hash keeps them (docs/adr/0018-api-keys.md). */
export const secretBytes = 32;
/** Bytes of a key's public id. */
export const keyIdBytes = 8;

export const keyIdPattern = /^[0-9a-f]{16}$/;
const keyPattern = /^fid_([0-9a-f]{16})_[0-9a-f]{64}$/;

/** A key as its owner gets it: `fid_`, the public id and the secret, both in hexadecimal; double-clicked it is selected whole. */
export function formatApiKey(id: string, secret: string): string {
  return `fid_${id}_${secret}`;
}

/** The public id inside a key; null where the text is none of our keys. */
export function apiKeyId(key: string): string | null {
  return keyPattern.exec(key)?.[1] ?? null;
}
