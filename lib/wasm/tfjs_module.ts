/** What this project uses of the Emscripten module. */
export interface TfjsModule {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  /** The module's own exports. */
  asm: { malloc(bytes: number): number };
  stackSave(): number;
  stackRestore(pointer: number): void;
  /** Makes each wait on the main thread throw "unwind". */
  __emscripten_thread_crashed(): void;
  cwrap(name: string, result: string | null, args: string[]): unknown;
  tfjs: {
    getThreadsCount(): number;
    registerTensor(id: number, size: number, pointer: number): void;
    disposeData(id: number): void;
    [name: string]: unknown;
  };
}
