/** No key is longer; what is longer is not looked at. */
export const longestKey = 512;

export type KeyHeaders = {
  readonly 'x-api-key'?: string | string[] | undefined;
  readonly authorization?: string | undefined;
};

/**
 * The key that a request carries, in `x-api-key` or as `Authorization: Bearer` (RFC 6750); null where it carries none, or two that differ.
 * Other schemes of Authorization are somebody else's, a proxy's for instance.
 */
export function readApiKey({ 'x-api-key': own, authorization = '' }: KeyHeaders): string | null {
  const given = typeof own === 'string' ? [own.trim()] : [...(own ?? [])];
  const bearer = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  const [key, ...others] = new Set([...given, ...(bearer === undefined ? [] : [bearer])]);
  if (key === undefined || key === '' || others.length > 0 || key.length > longestKey) return null;
  return key;
}
