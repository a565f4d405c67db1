/** The part of WebAssembly's JavaScript interface that is used here: TypeScript has it only together with a browser's. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { readonly initial: number });
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
