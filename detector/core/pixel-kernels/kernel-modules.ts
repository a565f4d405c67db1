import { kernels, sharedKernels } from './kernels.ts';

/** The kernels for memory of one thread, and for memory that several share: WebAssembly's type of a module says which. */
export const kernelModules = { alone: compile(kernels), shared: compile(sharedKernels) };

function compile(base64: string): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(atob(base64), character => character.charCodeAt(0)));
}
