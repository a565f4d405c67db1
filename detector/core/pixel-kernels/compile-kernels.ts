/** A module of kernels.ts. */
export function compileKernels(base64: string): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(atob(base64), character => character.charCodeAt(0)));
}
