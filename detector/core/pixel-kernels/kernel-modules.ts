import { compileKernels } from '../compile-kernels.ts';
import { kernels, sharedKernels } from './kernels.ts';

/** The kernels for memory of one thread, and for memory that several share: WebAssembly's type of a module says which. */
export const kernelModules = { alone: compileKernels(kernels), shared: compileKernels(sharedKernels) };
