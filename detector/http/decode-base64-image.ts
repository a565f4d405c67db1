import { base64Length } from '../core/image-limits.ts';
import { ServiceError } from '../errors.ts';

/** A data: URL's head is short; anything longer before the comma is not one. */
const longestPrefix = 200;

/**
 * The bytes of a base64 text (RFC 4648 section 4, padded, no line breaks), with or without a `data:…;base64,` head.
 * Throws INVALID_REQUEST when empty, TOO_LARGE by the text's length before decoding, INVALID_BASE64 otherwise.
 */
export function decodeBase64Image(text: string, maxBytes: number): Buffer {
  const base64 = withoutDataUrl(text);
  if (base64.length === 0) throw new ServiceError('INVALID_REQUEST', 'The image is empty');
  if (base64.length > base64Length(maxBytes)) {
    throw new ServiceError('TOO_LARGE', `The image: expected at most ${maxBytes} bytes`);
  }
  // Node's decoder skips what it does not know and takes base64url too, so the length tells whether all was legal.
  const bytes = Buffer.from(base64, 'base64');
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  const legal = base64.length % 4 === 0 && bytes.length === (base64.length / 4) * 3 - padding;
  if (!legal || base64.includes('-') || base64.includes('_')) {
    throw new ServiceError('INVALID_BASE64', 'The image: expected standard base64 with padding and no line breaks');
  }
  if (bytes.length > maxBytes) throw new ServiceError('TOO_LARGE', `The image: expected at most ${maxBytes} bytes`);
  return bytes;
}

function withoutDataUrl(text: string): string {
  if (!text.startsWith('data:')) return text;
  const head = text.slice(0, longestPrefix);
  const comma = head.indexOf(',');
  if (comma < 0 || !head.slice(0, comma).toLowerCase().endsWith(';base64')) {
    throw new ServiceError('INVALID_BASE64', 'The image: expected a data URL of the form data:image/…;base64,…');
  }
  return text.slice(comma + 1);
}
