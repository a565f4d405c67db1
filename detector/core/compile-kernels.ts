/** WebAssembly's memory grows by pages. */
export const pageBytes = 65_536;

/** A module that a `build.sh` wrote as base64. */
export function compileKernels(base64: string): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(atob(base64), character => character.charCodeAt(0)));
}
