/** The part of WebAssembly's JavaScript interface that is used here: TypeScript has it only together with a browser's. */
declare namespace WebAssembly {
  class Memory {
    /** `shared`: the buffer is a SharedArrayBuffer, and the memory may be posted to threads; it then needs a maximum. */
    constructor(descriptor: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports: object);
    readonly exports: unknown;
  }
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
}
