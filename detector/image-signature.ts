import { fileTypeFromBuffer } from 'file-type';
import { heifCodec } from './core/heif-brands.ts';
import { ServiceError } from './errors.ts';

/** Formats that are decoded, by the media type that their first bytes show. */
const acceptedTypes: ReadonlyMap<string, string> = new Map([
  ['image/jpeg', 'JPEG'],
  ['image/png', 'PNG'],
  ['image/apng', 'PNG'],
  ['image/webp', 'WebP'],
  ['image/gif', 'GIF'],
  ['image/tiff', 'TIFF'],
  ['image/avif', 'AVIF'],
  ['image/heic', 'HEIC'],
  ['image/heic-sequence', 'HEIC'],
]);

const acceptedNames = [...new Set(acceptedTypes.values())].join(', ');

/**
 * The image's format by its first bytes, whatever name or content type it came under. Rejects with UNSUPPORTED_IMAGE, naming
 * what is accepted, so that a decoder never sees anything else.
 */
export async function checkSignature(bytes: Uint8Array): Promise<string> {
  // A detector that stumbles over hostile bytes has not recognised an image either.
  const type = await fileTypeFromBuffer(bytes).catch(() => undefined);
  const format = type ? (acceptedTypes.get(type.mime) ?? heifFormat(bytes)) : tiffHeader(bytes) ? 'TIFF' : undefined;
  if (!format) {
    const got = type ? type.mime : 'something else';
    throw new ServiceError('UNSUPPORTED_IMAGE', `The image: expected ${acceptedNames}, got ${got}`);
  }
  return format;
}

/** A HEIF whose first brand says only that it holds images (`mif1`) or a sequence (`msf1`). */
function heifFormat(bytes: Uint8Array): string | undefined {
  const codec = heifCodec(bytes);
  return codec === null ? undefined : codec === 'HEVC' ? 'HEIC' : 'AVIF';
}

/** A cut TIFF has lost the directory at its end, without which it is not told from a raw photo: it is broken, not unknown. */
function tiffHeader(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  return head === 'II*\0' || head === 'MM\0*';
}
