/** What one image may cost, checked before memory is taken for it. */
export const imageLimits = {
  /** Encoded bytes: 20 MiB. */
  maxBytes: 20 * 1024 * 1024,
  /** Pixels of the header: 50 megapixels. */
  maxPixels: 50_000_000,
  /** Seconds of decoding. */
  maxSeconds: 10,
  /** Seconds of decoding a HEIC: the largest takes four on an idle machine. */
  maxHeicSeconds: 20,
} as const;

/** Longest base64 text (with padding) of an image of `maxBytes` bytes. */
export function base64Length(maxBytes: number): number {
  return Math.ceil(maxBytes / 3) * 4;
}
