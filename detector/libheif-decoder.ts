import libheif from 'libheif-js/libheif-wasm/libheif.js';
import { blankTiff } from './core/blank-tiff.ts';

// The package's types describe an ES module; as CommonJS it exports the function itself.
const createLibheif = libheif as unknown as typeof libheif.default;

/** libheif, loaded over memory that cannot grow beyond a bound. */
export type Libheif = ReturnType<typeof createLibheif>;

/** A still image as an uncompressed TIFF, or why there is none. */
export type HeicAnswer =
  | { readonly kind: 'tiff'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'too-many-pixels'; readonly width: number; readonly height: number }
  /** Decoding it would take more memory than there is. */
  | { readonly kind: 'too-much-memory' }
  /** HEIF, but not of a kind that libheif was built for. */
  | { readonly kind: 'unsupported'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Of `heif_error_code`; other codes say that the file is broken. Memory is also a security limit of libheif's. */
const memoryError = 6;

/** Of a file type, of a feature, and that no decoder for the codec is there. */
const unsupportedErrors: readonly number[] = [3, 4, 11];

/** `heif_colorspace_RGB`, `heif_channel_interleaved`, and 8 bits a channel without and with alpha. */
const rgb = 1;
const interleaved = 10;
const interleavedRgb = 10;
const interleavedRgba = 11;

/** `heif_decoding_options`: a struct that only ever grows at its end. Strict: a tile that cannot be decoded is an error, not black. */
const strictDecodingAt = 21;

const pageBytes = 64 * 1024;

/**
 * Loads libheif over a compiled module. All of its memory, decoder included, is one WebAssembly memory: where that would grow
 * beyond `maxMemoryBytes` an allocation fails, and `decodeHeicTiff` answers `too-much-memory`.
 */
export function loadLibheif(module: WebAssembly.Module, maxMemoryBytes: number): Libheif {
  const silent = (): void => {};
  return createLibheif({
    print: silent,
    printErr: silent,
    instantiateWasm(
      imports: Record<string, Record<string, () => void>>,
      done: (instance: WebAssembly.Instance) => void,
    ): unknown {
      const instance = new WebAssembly.Instance(module, imports);
      boundMemory(instance, maxMemoryBytes);
      done(instance);
      return instance.exports;
    },
  });
}

/** The module grows its memory through this object only; a refusal is what it takes for the machine's own. */
function boundMemory({ exports }: WebAssembly.Instance, maxMemoryBytes: number): void {
  const memory = Object.values(exports as object).find(value => value instanceof WebAssembly.Memory);
  if (memory === undefined) throw new Error('libheif exports no memory whose growth could be bounded');
  const grow = memory.grow.bind(memory);
  memory.grow = pages => {
    if (memory.buffer.byteLength + pages * pageBytes > maxMemoryBytes) throw new RangeError('the memory is bounded');
    return grow(pages);
  };
}

/**
 * The primary image of a HEIC: turned and mirrored as its own properties say (an EXIF orientation repeats them and is not
 * applied), 10 bits brought to 8, its ICC profile kept. The size is compared before anything is decoded. Nothing is freed:
 * `libheif` is thrown away after its one photo.
 */
export function decodeHeicTiff(libheif: Libheif, bytes: Uint8Array, maxPixels: number): HeicAnswer {
  // A heif_error, which functions write to their first argument, and an out parameter.
  const error = libheif._malloc(12);
  const out = libheif._malloc(4);
  const failed = (): HeicAnswer | null => failureOf(word(libheif, error), word(libheif, error + 4));
  const written = (): number => word(libheif, out);

  const input = libheif._malloc(bytes.length);
  if (input === 0) return { kind: 'too-much-memory' };
  libheif.HEAPU8.set(bytes, input);
  const context = libheif._heif_context_alloc();
  libheif._heif_context_set_maximum_image_size_limit(context, Math.ceil(Math.sqrt(maxPixels)));
  libheif._heif_context_read_from_memory_without_copy(error, context, input, bytes.length, 0);
  const unread = failed();
  if (unread) return unread;
  libheif._heif_context_get_primary_image_handle(error, context, out);
  const absent = failed();
  if (absent) return absent;
  const handle = written();
  const tooMany = tooManyPixels(libheif, handle, maxPixels);
  if (tooMany) return tooMany;

  const alpha = libheif._heif_image_handle_has_alpha_channel(handle) !== 0;
  const options = libheif._heif_decoding_options_alloc();
  libheif.HEAPU8[options + strictDecodingAt] = 1;
  libheif._heif_decode_image(error, handle, out, rgb, alpha ? interleavedRgba : interleavedRgb, options);
  const broken = failed();
  if (broken) return broken;
  const image = written();
  const plane = libheif._heif_image_get_plane_readonly(image, interleaved, out);
  const width = libheif._heif_image_get_width(image, interleaved);
  const height = libheif._heif_image_get_height(image, interleaved);
  if (plane === 0 || width < 1 || height < 1) return { kind: 'unreadable', reason: 'libheif gave no pixels' };
  const channels = alpha ? 4 : 3;
  const premultiplied = libheif._heif_image_handle_is_premultiplied_alpha(handle) !== 0;
  const tiff = blankTiff({ width, height, channels, premultiplied, icc: readIcc(libheif, handle, error) });
  copyRows(
    libheif.HEAPU8,
    { at: plane, stride: written(), rowBytes: width * channels, height },
    tiff.bytes,
    tiff.pixelsAt,
  );
  return { kind: 'tiff', bytes: tiff.bytes };
}

function failureOf(code: number, subcode: number): HeicAnswer | null {
  const reason = `libheif error ${code}.${subcode}`;
  if (code === 0) return null;
  if (code === memoryError) return { kind: 'too-much-memory' };
  return { kind: unsupportedErrors.includes(code) ? 'unsupported' : 'unreadable', reason };
}

/** Both the size that is shown and the one that is decoded for it: a photo may show a small part of a large image. */
function tooManyPixels(libheif: Libheif, handle: number, maxPixels: number): HeicAnswer | null {
  const shown = [libheif._heif_image_handle_get_width(handle), libheif._heif_image_handle_get_height(handle)] as const;
  const stored = [
    libheif._heif_image_handle_get_ispe_width(handle),
    libheif._heif_image_handle_get_ispe_height(handle),
  ] as const;
  const over = [shown, stored].find(([width, height]) => width * height > maxPixels);
  return over ? { kind: 'too-many-pixels', width: over[0], height: over[1] } : null;
}

function readIcc(libheif: Libheif, handle: number, error: number): Uint8Array {
  const size = libheif._heif_image_handle_get_raw_color_profile_size(handle);
  const at = size === 0 ? 0 : libheif._malloc(size);
  if (at === 0) return new Uint8Array(0);
  libheif._heif_image_handle_get_raw_color_profile(error, handle, at);
  return word(libheif, error) === 0 ? libheif.HEAPU8.slice(at, at + size) : new Uint8Array(0);
}

type Rows = { readonly at: number; readonly stride: number; readonly rowBytes: number; readonly height: number };

function copyRows(
  heap: Uint8Array,
  { at, stride, rowBytes, height }: Rows,
  target: Uint8Array,
  pixelsAt: number,
): void {
  for (let y = 0; y < height; y++) {
    const from = at + y * stride;
    target.set(heap.subarray(from, from + rowBytes), pixelsAt + y * rowBytes);
  }
}

function word(libheif: Libheif, at: number): number {
  return libheif.HEAPU32[at >> 2];
}
