/** ISO/IEC 23008-12, B.4: brands of still images, of their layered and multi-view kinds and of sequences, all coded as HEVC. */
const hevcBrands = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);

/** AV1 Image File Format, 6: images and sequences. */
const av1Brands = new Set(['avif', 'avis']);

/** More than any writer lists; what is beyond is not read. */
const mostBrands = 64;

/**
 * Which codec a HEIF container says it holds, by the brands of its first box: `mif1` alone says only that it holds images.
 * Null where it names neither codec, or is no HEIF.
 */
export function heifCodec(bytes: Uint8Array): 'HEVC' | 'AV1' | null {
  const brands = readBrands(bytes);
  if (brands.some(brand => hevcBrands.has(brand))) return 'HEVC';
  return brands.some(brand => av1Brands.has(brand)) ? 'AV1' : null;
}

/** ISO/IEC 14496-12, 4.3: size, `ftyp`, the major brand, a version, further brands. */
function readBrands(bytes: Uint8Array): string[] {
  if (bytes.byteLength < 16 || fourCharacters(bytes, 4) !== 'ftyp') return [];
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const end = Math.min(size, bytes.byteLength, 16 + 4 * mostBrands);
  const brands = [fourCharacters(bytes, 8)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(fourCharacters(bytes, at));
  return brands;
}

function fourCharacters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
