import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { ServiceError } from './errors.ts';

/**
 * The decoder's module, for any number of threads. Rejects with UNSUPPORTED_IMAGE where the package is not installed: whoever may not
 * use a decoder for HEVC removes it, and everything else works (docs/adr/0021-heic-by-libheif-in-a-thread-a-photo.md).
 */
export async function compileLibheif(file = 'libheif-js/libheif-wasm/libheif.wasm'): Promise<WebAssembly.Module> {
  let resolved: string;
  try {
    resolved = createRequire(import.meta.url).resolve(file);
  } catch (cause) {
    throw new ServiceError('UNSUPPORTED_IMAGE', 'The image: HEIC is not decoded here, libheif-js is not installed', {
      cause,
    });
  }
  return await WebAssembly.compile(await readFile(resolved));
}
