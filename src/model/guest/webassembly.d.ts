/** The few parts of WebAssembly's JavaScript interface the engine uses; Node's type package leaves them out. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Exports;
  }
  type Exports = Record<string, unknown>;
  type Imports = Record<string, Record<string, unknown>>;
  class RuntimeError extends Error {}
  class CompileError extends Error {}
  function instantiate(bytes: Uint8Array, imports: Imports): Promise<{ readonly instance: Instance }>;
}
