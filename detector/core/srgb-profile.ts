/** ICC.1:2022, 7.2 and 7.3: the header's length, and what one entry of the table behind it takes. */
const headerBytes = 128;
const entryBytes = 12;

/**
 * Whether an ICC profile calls itself sRGB in its description tag, so that converting to sRGB would change nothing. False
 * for anything that cannot be read.
 */
export function isSrgbProfile(profile: Uint8Array): boolean {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
  if (profile.byteLength < headerBytes + 4) return false;
  const entries = view.getUint32(headerBytes);
  for (let i = 0; i < entries; i++) {
    const entry = headerBytes + 4 + i * entryBytes;
    if (entry + entryBytes > profile.byteLength) return false;
    if (textOf(profile.subarray(entry, entry + 4)) !== 'desc') continue;
    const start = view.getUint32(entry + 4);
    const length = Math.min(view.getUint32(entry + 8), longestDescription);
    return textOf(profile.subarray(start, start + length)).includes('sRGB');
  }
  return false;
}

const longestDescription = 1024;

/** ASCII of version 2 and UTF-16 of version 4 alike: zero bytes are left out. */
function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.filter(byte => byte !== 0));
}
